vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld -r geometry.vgo main.vgo -o most.vgo
vega-objdump -x most.vgo
vega-ld -l numbers -L. most.vgo -o prog.vgb
vegavm prog.vgb
