# status: 2
vega-ld main.vgo -o prog.vgb --defsym numbers.times
