# The steps of the flowchart, in its order.
vega-asm count.vasm
vegavm --trace-load count.vgb
