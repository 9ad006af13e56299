# Of each section the first fault is told.
# status: 1
vega-asm damaged.vasm -o damaged.vgb
