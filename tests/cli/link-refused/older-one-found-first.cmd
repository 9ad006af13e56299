# status: 1
vegac -c main.vg
vegac -c shop.vg
vegac -c tax.vg
vegac -c renamed/tax.vg -o renamed/tax.vgo
vega-ld main.vgo shop.vgo -L renamed -L . -l tax -o prog.vgb
