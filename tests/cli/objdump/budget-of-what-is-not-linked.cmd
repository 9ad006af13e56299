# What depends on functions of other modules is not known.
# form: stdout objdump.schema.json
vega-asm -q caller.vasm -o caller.vgo
vega-objdump --budget --json caller.vgo
