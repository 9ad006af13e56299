# For a program.
vegac sum.vg -o sum.vgb
vegac other.vg -o other.vgb
vega-objdump --json --diff sum.vgb other.vgb
