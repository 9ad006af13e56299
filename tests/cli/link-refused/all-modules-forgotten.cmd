# status: 1
vegac -c main.vg
vega-ld main.vgo -o prog.vgb
