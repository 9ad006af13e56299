# status: 2
vega-asm one.vg
