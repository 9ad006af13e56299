# What a program says of itself stands in one line of the report, too.
# status: 112
vega run assert.vg
