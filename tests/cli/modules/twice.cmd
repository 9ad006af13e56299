# status: 1
vegac twice.vg
