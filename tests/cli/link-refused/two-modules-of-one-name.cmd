# status: 1
vegac -c main.vg
vegac -c shop.vg
vegac -c tax.vg
vegac -c larger/tax.vg -o larger/tax.vgo
vega-ld main.vgo shop.vgo tax.vgo larger/tax.vgo -o prog.vgb
