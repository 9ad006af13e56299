vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld @words.txt
vegavm prog.vgb
