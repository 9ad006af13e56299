# status: 1
vegac -c main.vg
vegac -c report.vg
vega-ld main.vgo report.vgo -o prog.vgb --budget-lock smaller.budget
