# status: 1
vega test sums.vg
