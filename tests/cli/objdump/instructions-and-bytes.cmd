# Code as instructions, everything else as bytes.
vega-asm caller.vasm -o caller.vgo
vega-objdump -D caller.vgo
