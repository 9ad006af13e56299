# status: 1
vega-asm main.vasm -o main.vgo
vega-asm other.vasm -o other.vgo
vega-ld main.vgo other.vgo -o prog.vgb
vega-ld prog.vgb -o again.vgb
