# Every byte, with its field, what that says and where the specification tells of it.
vega-asm caller.vasm -o caller.vgo
vega-objdump --bytes caller.vgo
