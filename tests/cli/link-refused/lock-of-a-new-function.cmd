# status: 1
vegac -c tax.vg
vega-ld --library tax.vgo -o tax.vgb --budget-lock prog.budget
vegac -c overloads/tax.vg -o tax.vgo
vega-ld --library tax.vgo -o tax.vgb --budget-lock prog.budget
