# status: 2
vegac -A unused-valu trap.vg
