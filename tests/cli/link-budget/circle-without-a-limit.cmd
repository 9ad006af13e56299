# The circle that is told is one that nothing limits, whatever the order of calls, also across objects.
# status: 4
vega-asm limited-first.vasm
vega-objdump --budget limited-first.vgb
vega-asm limited-between.vasm
vega-objdump --budget limited-between.vgb
vegac --print budget limited-recursion.vg
vega-asm limited.main.vasm -o limited.main.vgo
vega-asm limited.a.vasm -o limited.a.vgo
vega-asm limited.b.vasm -o limited.b.vgo
vega-ld limited.main.vgo limited.a.vgo limited.b.vgo -o prog.vgb --max-memory 4k
