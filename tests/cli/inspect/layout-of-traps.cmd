# What traps moves nothing, so that arenas in which something does have a layout, too.
vega-asm traps.vasm -o traps.vgb
vega-objdump --budget traps.vgb
