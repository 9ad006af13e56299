# status: 2
vega-ld main.vgo -o prog.vgb --library --entry main
