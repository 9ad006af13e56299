# The same without a file.
# status: 25
vega run sum.vg 4
