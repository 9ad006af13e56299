# status: 1
vegac --max-errors 2 small.vg
