# Of several that happened the gravest counts, also where it is standard output that cannot be written.
# status: 5
vegac -c main.vg
vegac -c helper.vg
!5 vega-ld --map main.vgo helper.vgo -o prog.vgb > /dev/full
!5 vega-ld main.vgo helper.vgo -o prog.vgb --time-trace=no/trace
!5 vega-ld main.vgo -o prog.vgb --map=no/map
vega-ld main.vgo -o prog.vgb --time-trace=no/trace
