# status: 1
vega-asm main.vasm -o main.vgo
vega-ld main.vgo main.vgo -o prog.vgb
