# The least listings of eight refusals are there, and it is said how many more there are.
# status: 1
# form: stdout objdump.schema.json
vega-asm -q --no-verify ten-refusals.vasm -o ten-refusals.vgo
vega-objdump -q --why-refused --json ten-refusals.vgo
