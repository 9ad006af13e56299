# status: 4
vegac -c limited.vg
vega-ld limited.vgo -o prog.vgb --max-memory 100
