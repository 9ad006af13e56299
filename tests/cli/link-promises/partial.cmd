# status: 1
vegac -c main.vg
vegac -c geometry.vg
vega-ld -r main.vgo -o one.vgo
vega-objdump -x one.vgo
vega-ld one.vgo geometry.vgo -o prog.vgb
