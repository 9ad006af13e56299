# status: 2
vega-ld main.vgo
