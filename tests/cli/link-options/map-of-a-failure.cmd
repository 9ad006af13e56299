# status: 1
vegac -c main.vg
vegac -c geometry.vg
vega-ld main.vgo geometry.vgo -o prog.vgb --map
