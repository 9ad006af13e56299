# A value that a slot cannot hold is foretold, as it traps.
# status: 112
vega-asm type-mismatch.vasm
vegavm type-mismatch.vgb
