vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld -r geometry.vgo numbers.vgo -o both.vgo
vega-ld main.vgo both.vgo -o prog.vgb
vega-objdump --syms both.vgo
vegavm prog.vgb
