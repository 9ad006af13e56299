vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld main.vgo geometry.vgo numbers.vgo -o prog.vgb --split-debug
vega-objdump -h prog.vgb
vega-objdump --syms prog.vgb.debug
vegavm prog.vgb
