# The calls that the linker fills in.
vega-asm caller.vasm -o caller.vgo
vega-objdump -r caller.vgo
