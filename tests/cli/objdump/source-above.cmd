# A source above the folder of its compiler is looked for beneath the current one.
vega-asm above.vasm
vega-objdump -S above.vgb
