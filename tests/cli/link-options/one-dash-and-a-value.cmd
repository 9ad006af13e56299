# status: 2
vega-ld main.vgo -Map=x.map -o x.vgb --message-format short
