# status: 1
vegac -c limited.vg
vega-ld limited.vgo -o prog.vgb --budget-lock circle.budget
