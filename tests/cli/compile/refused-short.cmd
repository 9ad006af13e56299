# One line each.
# status: 1
vegac --message-format short broken.vg -o prog.vgb
