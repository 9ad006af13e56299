# status: 2
vega-ld main.vgo shop.vgo tax.vgo -o prog.vgb -r --max-memory 64k
