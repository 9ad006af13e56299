# status: 1
vegac -c main.vg
vega-ld main.vgo shop.vg tax.vg -o prog.vgb
