vegac host.vg -o prog.vgb --print budget
vega-objdump -x prog.vgb
