# status: 1
vegac -c main.vg
vegac -c shop.vg
vega-ld main.vgo shop.vgo truncated.vasm -o prog.vgb
