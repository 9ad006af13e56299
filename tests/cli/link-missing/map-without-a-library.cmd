# status: 1
vegac -c main.vg
vegac -c vec2.vg
vega-ld main.vgo vec2.vgo -l vec3 -o prog.vgb --map
