# status: 1
vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld main.vgo geometry.vgo numbers.vgo -o prog.vgb --defsym old.a=numbers.square --defsym old.a=numbers.times
