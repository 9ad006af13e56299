# A wrong checksum does not hide what else is wrong, and such a file has no budget.
# status: 1
vega-asm --no-verify stale-and-wrong.vasm
!1 vega-objdump --budget stale-and-wrong.vgb
vega-objdump -x -j metadata stale-and-wrong.vgb
