# status: 111
vega-asm ok.vasm
vegavm ok.vgb many
