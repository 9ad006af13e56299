# What swallows everybody's bytes is nobody's own; reports give way to a program on standard output.
vegac -c main.vg
vegac -c helper.vg
vega-ld main.vgo helper.vgo -o /dev/null --map=/dev/null --time-trace=/dev/null
vega-ld main.vgo helper.vgo -o - --map > prog.vgb
vegavm --profile /dev/null --coverage /dev/null prog.vgb
