# status: 1
vega check bad.vg sums.vg
