vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld main.vgo geometry.vgo numbers.vgo -o prog.vgb -u geometry.unused --why geometry.unused --gc-report
