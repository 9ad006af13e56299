# By name: code that moved and constants with other numbers are no difference.
# status: 1
vegac sum.vg -o sum.vgb
vegac other.vg -o other.vgb
vega-objdump --diff sum.vgb other.vgb
