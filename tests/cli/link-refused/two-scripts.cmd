# status: 1
vegac -c main.vg
vegac -c shop.vg
vegac -c tax.vg
vegac -c entry.vg
vega-ld main.vgo entry.vgo shop.vgo tax.vgo -o prog.vgb
