# status: 2
vegac sum.vg -o sum.vgb
vega-objdump --html sum.vgb -o sum.vgb
