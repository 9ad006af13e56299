# All functions, one by its plain name, one by its mangled name in two ways.
vegac sum.vg -o sum.vgb
vega-objdump -d sum.vgb
vega-objdump --disassemble=norm sum.vgb
vega-objdump --function "norm(5point)I" sum.vgb
