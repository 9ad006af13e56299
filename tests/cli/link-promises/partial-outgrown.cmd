# status: 1
vegac -c main.vg
vegac -c geometry.vg
vega-ld -r main.vgo geometry.vgo -o both.vgo
vega-ld both.vgo -o prog.vgb
