# status: 1
vegac -c main.vg
vegac -c vec2.vg
vega-ld main.vgo vec2.vgo -o prog.vgb --error-limit 1
