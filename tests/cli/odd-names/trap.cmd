# What a file says its source is called ends no line, and has no colour.
# status: 112
vega-asm -q odd.vasm -o odd.vgb
vegavm odd.vgb
