# status: 1
vega test traps.vg
