# Without lines and names the file does the same.
# status: 25
vegac --strip-debug sum.vg -o stripped.vgb
vega-objdump -h stripped.vgb
vegavm stripped.vgb 4
