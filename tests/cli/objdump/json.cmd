# The same for programs; without a view what the summary is made of.
vega-asm caller.vasm -o caller.vgo
vega-objdump --json caller.vgo
vega-objdump --json -xd caller.vgo
