# status: 1
vegac -c counter.vg
vega-ld --library counter.vgo -o prog.vgb
