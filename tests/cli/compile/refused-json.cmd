# One object each.
# status: 1
vegac --message-format json broken.vg -o prog.vgb
