# status: 5
vegac -c main.vg
vegac -c vec2.vg
vega-ld main.vgo vec2.vgo vec3.vgo -o prog.vgb --map
