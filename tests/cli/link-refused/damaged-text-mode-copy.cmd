# status: 1
vegac -c main.vg
vegac -c shop.vg
vega-asm --no-verify text-mode.vasm -o tax.vgo
vega-ld main.vgo shop.vgo tax.vgo -o prog.vgb
