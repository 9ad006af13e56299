# That more of them are active is not due to its arenas.
# status: 1
vegac -c limited.vg
vega-ld limited.vgo -o prog.vgb --budget-lock rounds.budget
