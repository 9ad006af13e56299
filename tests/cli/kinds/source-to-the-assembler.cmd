# status: 1
vega-asm one.vg
