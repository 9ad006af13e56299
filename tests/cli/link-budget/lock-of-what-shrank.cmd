# What was dearest is not any more: that it shrank is told.
# status: 1
vegac -c two-calls.vg
vegac -c geo.vg
vega-ld two-calls.vgo geo.vgo -o prog.vgb --budget-lock scale.budget
