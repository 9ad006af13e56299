# status: 1
vegac -c main.vg
vegac -c shop.vg
vegac -c tax.vg
vega-ld main.vgo shop.vgo tax.vgo -o prog.vgb --defsym tax.with=tax.with
