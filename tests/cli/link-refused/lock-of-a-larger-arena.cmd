# status: 1
vegac -c entry.vg
vegac -c tax.vg
vega-ld entry.vgo tax.vgo -o prog.vgb --budget-lock prog.budget
vegac -c larger/tax.vg -o tax.vgo
vega-ld entry.vgo tax.vgo -o prog.vgb --budget-lock prog.budget
