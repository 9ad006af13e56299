# status: 5
vegac -c main.vg
vegac -c helper.vg
!5 vegac main.vg -o no/where/x.vgb
vega-ld main.vgo helper.vgo -o prog.vgb --map=no/map
