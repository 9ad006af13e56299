# Layouts and budgets depend on the paths, and not on the order of the blocks.
vega-asm stored-last.vasm -o stored-last.vgb
vega-objdump --layout stored-last.vgb
vega-asm stored-first.vasm -o stored-first.vgb
vega-objdump --layout stored-first.vgb
vega-asm dropped-last.vasm -o dropped-last.vgb
vega-objdump --layout dropped-last.vgb
vega-asm dropped-first.vasm -o dropped-first.vgb
vega-objdump --layout dropped-first.vgb
vega-asm again-last.vasm -o again-last.vgb
vega-objdump --layout again-last.vgb
vega-asm again-first.vasm -o again-first.vgb
vega-objdump --layout again-first.vgb
vega-asm traps-last.vasm -o traps-last.vgb
vega-objdump --layout traps-last.vgb
vega-asm traps-first.vasm -o traps-first.vgb
vega-objdump --layout traps-first.vgb
vegavm --require no-oom stored-last.vgb true
