# status: 5
vegac -c tax.vg
vega-ld --library tax.vgo -o tax.vgb --budget-lock larger
