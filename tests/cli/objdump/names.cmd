# A function by its plain name, its mangled one, and as people write it; also one of the host.
vegac sum.vg -o sum.vgb
vega-asm caller.vasm -o caller.vgo
vega-objdump -t --function norm sum.vgb
vega-objdump -t --function "norm(5point)I" sum.vgb
vega-objdump -t --function "norm(point) -> int" sum.vgb
vega-objdump --who-calls "norm(point) -> int" sum.vgb
vega-objdump --who-calls "io.put(int)" caller.vgo
