# It is not loaded, and whoever wants to know all that is wrong is told who tells it.
# status: 110
vega-asm --no-verify damaged.vasm -o damaged.vgb
vegavm damaged.vgb
