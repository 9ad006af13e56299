# status: 4
vegac -c counter.vg
vega-ld counter.vgo -o prog.vgb --max-memory 64
