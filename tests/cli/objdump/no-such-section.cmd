# status: 1
vegac sum.vg -o sum.vgb
vega-objdump -s -j cod sum.vgb
