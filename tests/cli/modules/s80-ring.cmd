# status: 1
vegac ring.vg
