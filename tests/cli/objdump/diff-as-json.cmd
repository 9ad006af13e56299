# For a program.
# status: 1
vegac sum.vg -o sum.vgb
vegac other.vg -o other.vgb
vega-objdump --json --diff sum.vgb other.vgb
