# Where an alias points is known at each instruction, also if it is made anew.
vega-asm alias-twice.vasm
vega-objdump --types alias-twice.vgb
