# status: 1
vegac -c main.vg
vegac -c tax.vg
vegac -c struct/shop.vg -o shop.vgo
vega-ld main.vgo shop.vgo tax.vgo -o prog.vgb
