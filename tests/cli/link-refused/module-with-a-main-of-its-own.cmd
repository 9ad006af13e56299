# status: 1
vegac -c main.vg
vegac -c shop.vg
vegac -c extra/tax.vg -o tax.vgo
vega-ld main.vgo shop.vgo tax.vgo -o prog.vgb
