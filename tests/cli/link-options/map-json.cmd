vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld --strip-debug main.vgo geometry.vgo numbers.vgo -o prog.vgb --map --map-format json
