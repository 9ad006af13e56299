# status: 5
vega-ld @objects.txt -o prog.vgb
