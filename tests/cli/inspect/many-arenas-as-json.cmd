# The same as data.
# form: stdout objdump.schema.json
vega-asm -q many-arenas.vasm
vega-objdump --budget --json many-arenas.vgb
