# What cannot be compared is trouble, which is more than a difference.
# status: 2
vegac sum.vg -o sum.vgb
vegac other.vg -o other.vgb
vega-objdump --diff sum.vgb damaged.vgb other.vgb
