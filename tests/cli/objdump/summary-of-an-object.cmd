# An object waits for the linker.
vega-asm caller.vasm -o caller.vgo
vega-objdump caller.vgo
