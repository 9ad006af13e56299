# As often as a build names it, it is one.
vegac -c main.vg
vegac -c geo.vg
vega-ld main.vgo -L . -l geo -l geo -l:geo.vgo -o prog.vgb
vega-ld main.vgo geo.vgo -L . -l geo -o prog.vgb
vegavm prog.vgb
