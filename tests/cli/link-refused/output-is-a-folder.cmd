# status: 5
vegac -c main.vg
vegac -c shop.vg
vegac -c tax.vg
vega-ld main.vgo shop.vgo tax.vgo -o larger
