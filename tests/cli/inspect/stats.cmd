# What a run used.
vega-asm count.vasm
vegavm --stats count.vgb
