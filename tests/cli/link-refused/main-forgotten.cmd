# status: 1
vegac -c shop.vg
vegac -c tax.vg
vega-ld shop.vgo tax.vgo -o prog.vgb
