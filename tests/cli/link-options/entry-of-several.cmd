# status: 1
vega-asm overloads.vasm -o overloads.vgo
vega-ld overloads.vgo -o prog.vgb --entry f
