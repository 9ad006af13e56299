# One after another.
vegac sum.vg -o sum.vgb
vega-asm caller.vasm -o caller.vgo
vega-objdump -h sum.vgb caller.vgo
