vegac -c main.vg
vegac -c report.vg
vega-ld main.vgo report.vgo -o prog.vgb --max-memory 4k
