# Where the bytes go.
vegac sum.vg -o sum.vgb
vega-objdump --sizes sum.vgb
