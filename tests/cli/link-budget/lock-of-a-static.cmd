# A static block that is new is told with who uses it.
# status: 1
vegac -c counts.vg
vegac -c counter.vg
vega-ld counts.vgo counter.vgo -o prog.vgb --budget-lock without-a-static.budget
