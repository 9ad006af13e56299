# Printing is some code for each part: it is refused before there is more of it than memory.
# status: 4
# memory: 400000
vegac print-bomb.vg -o prog.vgb
