# status: 110
vega run -D unused-value -A certain-trap -q trap.vg
