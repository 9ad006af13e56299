vegac -c geometry.vg
vegac -c numbers.vg
vegac -c main.vg
vega-ld numbers.vgo main.vgo geometry.vgo -o linked.vgb
vegavm linked.vgb
vegac main.vg
vegavm main.vgb
vega run main.vg
