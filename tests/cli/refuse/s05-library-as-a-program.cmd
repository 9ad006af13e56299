# S05: the kind that was found and the kind that is wanted.
# status: 110
vega-asm lib.vasm
vegavm lib.vgb
