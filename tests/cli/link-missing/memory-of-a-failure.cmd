# status: 1
vegac -c main.vg
vegac -c vec2.vg
vega-ld main.vgo vec2.vgo -o prog.vgb --print-memory-usage --error-limit 1
