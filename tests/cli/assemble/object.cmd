vega-asm -c part.vasm
vega-objdump --vasm part.vgo
