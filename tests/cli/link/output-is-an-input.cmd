# status: 2
vega-asm main.vasm -o main.vgo
vega-ld main.vgo -o ./main.vgo
