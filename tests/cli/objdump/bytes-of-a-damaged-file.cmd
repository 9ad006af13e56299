# What is wrong is marked, and the bytes behind it are told all the same.
# status: 1
vega-objdump --bytes damaged.vgb
