# status: 5
vega-ld . -o prog.vgb
