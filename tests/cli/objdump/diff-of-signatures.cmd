# A file and itself, and two that differ in their signatures alone.
vega-asm signed.vasm
vega-asm signed-again.vasm
vega-objdump --diff signed.vgb signed.vgb signed-again.vgb
vega-objdump --json --diff signed.vgb signed-again.vgb
