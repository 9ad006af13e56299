# status: 1
vegac -c report.vg
vegac -c tax.vg
vegac -c struct/shop.vg -o shop.vgo
vega-ld --library report.vgo shop.vgo tax.vgo -o prog.vgb
