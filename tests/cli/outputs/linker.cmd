# No program was written.
# status: 114
vegac -c main.vg
vegac -c helper.vg
!2 vega-ld main.vgo helper.vgo -o main.vgo
!2 vega-ld main.vgo helper.vgo -o prog.vgb --map=helper.vgo
!2 vega-ld main.vgo helper.vgo -o prog.vgb --map=prog.vgb
!2 vega-ld main.vgo helper.vgo -o prog.vgb --time-trace=prog.vgb
!2 vega-ld main.vgo helper.vgo -o prog.vgb --split-debug=prog.vgb
!2 vega-ld main.vgo helper.vgo -o prog.vgb --reproduce=prog.vgb
!2 vega-ld main.vgo helper.vgo -o prog.vgb --budget-lock=prog.vgb
!2 vega-ld main.vgo helper.vgo -o prog.vgb --split-debug --map=prog.vgb.debug
!2 vega-ld main.vgo helper.vgo -o prog.vgb --time-trace=- --map
vegavm prog.vgb
