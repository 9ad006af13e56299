# status: 1
vegac -c geometry.vg
vega-ld geometry.vgo -e area -o x.vgb
