vegac -c main.vg
vegac -c geometry.vg
vegac -c --strip-debug numbers.vg
vega-ld main.vgo geometry.vgo numbers.vgo -o prog.vgb
vega-objdump -d prog.vgb
