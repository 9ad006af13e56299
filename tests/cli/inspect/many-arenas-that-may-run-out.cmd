# Of many arenas that may run out the first are told, and how many more there are.
# status: 110
vega-asm -q many-arenas.vasm
vega-objdump --budget many-arenas.vgb
vegavm --require no-oom many-arenas.vgb
