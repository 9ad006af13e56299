# status: 1
vega-objdump --bytes sum.vg
