# No program was written.
# status: 114
vegac -c main.vg
vegac -c helper.vg
! vega-ld main.vgo helper.vgo -o main.vgo
! vega-ld main.vgo helper.vgo -o prog.vgb --map=helper.vgo
! vega-ld main.vgo helper.vgo -o prog.vgb --map=prog.vgb
! vega-ld main.vgo helper.vgo -o prog.vgb --time-trace=prog.vgb
! vega-ld main.vgo helper.vgo -o prog.vgb --split-debug=prog.vgb
! vega-ld main.vgo helper.vgo -o prog.vgb --reproduce=prog.vgb
! vega-ld main.vgo helper.vgo -o prog.vgb --budget-lock=prog.vgb
! vega-ld main.vgo helper.vgo -o prog.vgb --split-debug --map=prog.vgb.debug
! vega-ld main.vgo helper.vgo -o prog.vgb --time-trace=- --map
vegavm prog.vgb
