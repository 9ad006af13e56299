vegac -c main.vg
vegac -c report.vg
vega-ld main.vgo report.vgo -o prog.vgb --budget-lock vega.budget
vega-ld main.vgo report.vgo -o prog.vgb --budget-lock vega.budget
vega-ld main.vgo report.vgo -o prog.vgb --budget-lock larger.budget --update-budget
vega-ld main.vgo report.vgo -o prog.vgb --budget-lock larger.budget
