# status: 5
vega-asm main.vasm -o main.vgo
vega-ld main.vgo missing.vgo -o prog.vgb
