# status: 1
vegac sum.vg -o sum.vgb
vega-objdump --disassemble=everything sum.vgb
