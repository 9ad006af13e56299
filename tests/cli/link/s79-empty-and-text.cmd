# status: 1
vega-asm main.vasm -o main.vgo
vega-ld main.vgo empty.vgo text.vgo -o prog.vgb
