vegac -c main.vg
vegac -c geometry.vg
vega-asm fast.vasm -o fast.vgo
vega-ld main.vgo geometry.vgo fast.vgo -o prog.vgb --defsym numbers.times=fast.times --defsym numbers.square=fast.square
vegavm prog.vgb
