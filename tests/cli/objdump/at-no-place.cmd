# A place that is asked for by a function that is not there, or that is no place.
# status: 2
vegac sum.vg -o sum.vgb
!1 vega-objdump --at mian+2 sum.vgb
vega-objdump --at main+x sum.vgb
