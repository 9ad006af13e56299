# A trap names its row, the function and the source line.
# status: 112
vega run sum.vg 0
