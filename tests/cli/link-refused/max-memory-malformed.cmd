# status: 2
vega-ld main.vgo shop.vgo tax.vgo -o prog.vgb --max-memory 64q
