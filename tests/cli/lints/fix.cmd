# The file is changed, and the rest is told.
# status: 0
vegac --fix broken-words.vg -o prog.vgb
vegac broken-words.vg --emit ast
