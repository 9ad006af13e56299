# Of several functions with one name a place is of none.
# status: 1
vegac -q several.vg -o several.vgb
vega-objdump --at several+0 several.vgb
