vega-asm -q odd.vasm -o odd.vgb
vega-objdump --budget odd.vgb
