# What the verifier knows before each instruction.
vegac types.vg -o types.vgb
vega-objdump --types types.vgb
