# After a stream or a device no other file is named.
# status: 2
vegac -c main.vg
vegac -c helper.vg
!2 vega-ld main.vgo helper.vgo -o - --split-debug
!2 vega-ld main.vgo helper.vgo -o - --time-trace
!5 vega-objdump ./-.debug
vega-ld main.vgo helper.vgo -o /dev/null --split-debug=prog.debug
vega-ld main.vgo helper.vgo -o /dev/null --split-debug --time-trace
