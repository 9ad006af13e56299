# status: 1
vegac -c hosts.vg
vega-ld hosts.vgo -o prog.vgb --budget-lock host.budget
