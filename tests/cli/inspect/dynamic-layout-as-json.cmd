# What is not known of a dynamic layout is null.
# form: stdout objdump.schema.json
vega-asm -q dynamic.vasm -o dynamic.vgb
vega-objdump -q --layout --json dynamic.vgb
