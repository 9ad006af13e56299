vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld main.vgo -L missing -L . -l geometry -l:numbers.vgo -o prog.vgb
vegavm prog.vgb
