# status: 2
vegac -c counter.vg
vega-ld counter.vgo -o prog.vgb --map=counter.vgo
