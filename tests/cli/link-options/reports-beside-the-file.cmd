vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld main.vgo geometry.vgo numbers.vgo -o - --why numbers.times > prog.vgb
vegavm prog.vgb
