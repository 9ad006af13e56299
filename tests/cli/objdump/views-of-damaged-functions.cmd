# Of a function table with a fault the functions before it are shown.
# status: 1
vega-asm --no-verify damaged-functions.vasm
!1 vega-objdump -d damaged-functions.vgb
!1 vega-objdump -t --sizes damaged-functions.vgb
