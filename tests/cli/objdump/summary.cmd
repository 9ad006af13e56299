# What a file is, for somebody who has never seen one.
vegac sum.vg -o sum.vgb
vega-objdump sum.vgb
