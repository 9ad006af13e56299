# status: 2
vega-ld main.vgo -shared -o x.vgb
