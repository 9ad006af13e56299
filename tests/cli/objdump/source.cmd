# The lines of the source between the instructions.
vegac sum.vg -o sum.vgb
vega-objdump -S --function=main sum.vgb
