# Of a path of more than 20 calls the ends are in the lock, and the figure is that of all.
# status: 1
vega-asm -q chain.vasm -o chain.vgo
vega-asm -q grown.vasm -o grown.vgo
vega-ld -q chain.vgo -o prog.vgb --budget-lock long.budget
vega-ld -q chain.vgo -o prog.vgb --budget-lock long.budget
vega-ld -q grown.vgo -o prog.vgb --budget-lock long.budget
