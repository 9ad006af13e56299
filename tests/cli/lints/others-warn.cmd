# The assembler and the inspector warn.
vegac -A certain-trap -A warnings trap.vg -o prog.vgb
vega-objdump -h -t prog.vgb > table
vega-objdump --vasm prog.vgb > prog.vasm
vega-asm prog.vasm -o again.vgb
