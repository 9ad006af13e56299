vega-asm -c one-byte.vasm
vega-ld one-byte.vgo -o one-byte.vgb --budget-lock one-byte.budget
vega-ld one-byte.vgo -o one-byte.vgb --budget-lock one-byte.budget
