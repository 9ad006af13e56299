# status: 1
vegac -c main.vg
vegac -c shop.vg
vega-ld main.vgo shop.vgo -o prog.vgb
