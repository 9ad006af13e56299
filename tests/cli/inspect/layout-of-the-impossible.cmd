# What is enough is told if there is such an arena, and a want of room is told once.
vega-asm huge.vasm -o huge.vgb
vega-objdump --layout huge.vgb
vega-objdump --budget huge.vgb
