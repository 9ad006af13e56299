# A function that only moved in its source differs in where it is declared, not line by line.
vegac sum.vg -o sum.vgb
vegac moved.vg -o moved.vgb
vega-objdump --diff sum.vgb moved.vgb
