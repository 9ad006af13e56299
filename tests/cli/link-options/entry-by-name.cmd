# status: 7
vega-asm two-mains.vasm -o mains.vgo
vega-ld mains.vgo -o prog.vgb -e main
vegavm prog.vgb 7
