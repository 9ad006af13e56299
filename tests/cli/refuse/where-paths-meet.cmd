# Where paths meet with other stacks, both are told, with who left the cells and how each path comes there; where nothing is, that is told.
# status: 110
vega-asm -q --no-verify join.vasm
vegavm join.vgb
