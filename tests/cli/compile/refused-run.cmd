# What cannot be compiled is not run: status 110.
# status: 110
vega run broken.vg
