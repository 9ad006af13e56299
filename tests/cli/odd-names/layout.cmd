vega-asm -q names.vasm -o names.vgb
vega-objdump -q --layout names.vgb
