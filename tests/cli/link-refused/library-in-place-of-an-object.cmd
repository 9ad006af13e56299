# status: 1
vegac -c main.vg
vegac -c shop.vg
vegac -c tax.vg
vega-ld --library tax.vgo -o tax.vgb
vega-ld main.vgo shop.vgo tax.vgb -o prog.vgb
