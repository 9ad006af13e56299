# Arguments that main does not take.
# status: 111
vega-asm --no-verify ok.vasm
vegavm ok.vgb 1 2
