# status: 1
vegac -c main.vg
vegac -c shop.vg
vegac -c tax.vg
vega-ld main.vgo shop.vgo -L . -l:tax -o prog.vgb
