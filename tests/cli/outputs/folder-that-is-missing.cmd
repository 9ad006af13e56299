# status: 5
vegac -c main.vg
vegac -c helper.vg
! vegac main.vg -o no/where/x.vgb
vega-ld main.vgo helper.vgo -o prog.vgb --map=no/map
