# Everything that a file says.
vega-asm count.vasm
vega-objdump -xd count.vgb
