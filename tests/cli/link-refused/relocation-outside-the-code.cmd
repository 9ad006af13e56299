# status: 1
vegac -c main.vg
vegac -c tax.vg
vega-asm --no-verify relocation.vasm -o shop.vgo
vega-ld main.vgo shop.vgo tax.vgo -o prog.vgb
