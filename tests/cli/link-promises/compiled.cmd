# status: 1
vegac main.vg -o prog.vgb
