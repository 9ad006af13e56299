vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-asm wrapper.vasm -o wrapper.vgo
vega-ld main.vgo geometry.vgo numbers.vgo wrapper.vgo -o prog.vgb --wrap numbers.times
vegavm prog.vgb
