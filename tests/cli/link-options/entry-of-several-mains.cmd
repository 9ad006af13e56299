# status: 1
vega-asm several-mains.vasm -o mains.vgo
vega-ld mains.vgo -o prog.vgb --entry main
