# Nothing stands behind the end of the file, or of a function.
# status: 1
vegac sum.vg -o sum.vgb
!1 vega-objdump --at 0x99999999 sum.vgb
vega-objdump --at main+0x5000 sum.vgb
