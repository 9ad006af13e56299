# Every table of the file.
vegac sum.vg -o sum.vgb
vega-objdump -x sum.vgb
