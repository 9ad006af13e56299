vega-asm main.vasm -o main.vgo
vega-asm other.vasm -o other.vgo
vega-ld main.vgo other.vgo -o prog.vgb
vega-ld other.vgo main.vgo -o same.vgb
vegavm prog.vgb
vegavm same.vgb
