# A source that is not there is told; the lines keep their numbers.
vega-asm elsewhere.vasm
vega-objdump -S elsewhere.vgb
