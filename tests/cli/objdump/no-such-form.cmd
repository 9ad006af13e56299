# status: 2
vega-objdump --calls=svg sum.vgb
