# A file that cannot be read has a listing of its bytes, which says why and assembles to them.
# status: 1
!1 vega-objdump --vasm damaged.vgb
!1 vega-objdump --vasm damaged.vgb > again.vasm
vega-asm --no-verify again.vasm
vega-objdump --bytes again.vgb
