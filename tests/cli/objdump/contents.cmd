# The bytes of one section, and of all.
vega-asm caller.vasm -o caller.vgo
vega-objdump -s -j code caller.vgo
vega-objdump -s caller.vgo
