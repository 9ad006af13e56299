# status: 1
vega-asm ring.vasm -o ring.vgo
vega-asm ring-two.vasm -o two.vgo
vega-ld ring.vgo two.vgo -o prog.vgb --budget-lock ring.budget
