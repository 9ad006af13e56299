# A limit of the format is told as such.
# status: 4
vega-asm -q --no-verify static-block-too-large.vasm -o block.vgb
vega-objdump -q block.vgb
