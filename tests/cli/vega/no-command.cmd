# status: 2
vega first.vg
