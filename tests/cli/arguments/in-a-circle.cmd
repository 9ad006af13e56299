# status: 2
vega-ld -o prog.vgb @first.txt
