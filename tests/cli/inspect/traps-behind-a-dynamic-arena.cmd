# What traps for certain is told behind an arena of dynamic layout, too.
vega-asm traps-behind-a-dynamic-arena.vasm -o traps-behind.vgb
vega-objdump --layout traps-behind.vgb
