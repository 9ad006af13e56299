# status: 1
vegac misuse.vg
