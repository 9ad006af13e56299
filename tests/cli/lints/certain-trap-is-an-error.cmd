# status: 1
vegac trap.vg -o -
