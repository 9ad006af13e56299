# status: 1
vegac missing.vg
