# status: 1
vegac -c main.vg
vegac -c shop.vg
vegac -c tax.vg
vega-asm wrapper.vasm -o wrapper.vgo
vega-ld main.vgo shop.vgo tax.vgo wrapper.vgo -o prog.vgb --wrap tax.with
