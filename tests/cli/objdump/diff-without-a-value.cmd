# status: 2
vegac sum.vg -o sum.vgb
vega-objdump sum.vgb sum.vgb --diff
