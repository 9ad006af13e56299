# status: 2
vega-ld main.vgo -o prog.vgb --strip-debug --split-debug
