# A value that is joined by `=`, and stands alone.
# status: 5
vegac sum.vg -o sum.vgb
vega-objdump --calls dot sum.vgb
