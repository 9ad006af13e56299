# status: 1
vegac -c main.vg
vegac -c vec2.vg
vegac -c vec3.vg
vega-asm wrapper.vasm -o wrapper.vgo
vega-ld main.vgo vec2.vgo vec3.vgo wrapper.vgo -o prog.vgb
