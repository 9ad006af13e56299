# What has become dearer than the dearest is told with its arenas.
# status: 1
vegac -c two-calls.vg
vegac -c geo.vg
vega-ld two-calls.vgo geo.vgo -o prog.vgb --budget-lock before.budget
