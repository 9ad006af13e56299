# status: 1
vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld main.vgo geometry.vgo numbers.vgo -o prog.vgb --wrap numbers.tims -u nothing --fatal-warnings
