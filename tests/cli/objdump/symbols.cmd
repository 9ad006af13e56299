# Functions by name, here and elsewhere; with -C as people write them.
vega-asm caller.vasm -o caller.vgo
vega-objdump -t caller.vgo
vega-objdump -tC caller.vgo
