# Types, static blocks, debug section and code, operand by operand.
vegac sum.vg -o sum.vgb
vega-objdump --bytes sum.vgb
