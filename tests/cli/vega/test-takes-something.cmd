# What looks like a test and is none is not left out in silence.
# status: 1
vega test takes-something.vg
