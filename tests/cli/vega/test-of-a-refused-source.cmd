# status: 1
vega test bad.vg
