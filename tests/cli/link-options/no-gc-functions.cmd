vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld main.vgo geometry.vgo numbers.vgo -o prog.vgb --no-gc-functions --gc-report
vega-objdump --syms prog.vgb
