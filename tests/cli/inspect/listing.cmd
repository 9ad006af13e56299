# The listing of a file assembles to the same file.
vega-asm count.vasm
vega-objdump --vasm count.vgb > again.vasm
vega-asm again.vasm
vega-objdump --vasm again.vgb
