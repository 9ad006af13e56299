# All errors, each with its line.
# status: 1
vegac broken.vg -o prog.vgb
