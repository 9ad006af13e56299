# status: 5
vegac -c main.vg
vegac -c vec2.vg
vega-ld main.vgo vec3.vgo -o prog.vgb --why vec3.norm -y vec2.norm --wrap vec3.norm
