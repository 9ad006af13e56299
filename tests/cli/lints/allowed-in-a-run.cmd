# status: 112
vega run -A certain-trap -A warnings trap.vg
