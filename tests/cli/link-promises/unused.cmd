# Nobody calls it, so it is not in the program, at once and in groups.
vegac -c unused.vg
vegac -c geometry.vg
vega-ld unused.vgo geometry.vgo -o once.vgb
vega-ld -r unused.vgo geometry.vgo -o group.vgo
vega-ld group.vgo -o groups.vgb
vega-objdump --diff once.vgb groups.vgb
vegavm groups.vgb
