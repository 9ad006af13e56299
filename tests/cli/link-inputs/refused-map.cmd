# status: 4
vegac -c main.vg
vegac -c geo.vg
vega-ld main.vgo geo.vgo -o prog.vgb --max-memory 1 --map
