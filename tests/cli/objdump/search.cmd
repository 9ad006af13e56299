# Who calls a function, who reads a slot, where a piece of text stands.
vegac sum.vg -o sum.vgb
vega-objdump --who-calls norm sum.vgb
vega-objdump --reads-slot p sum.vgb
vega-objdump --reads-slot 1 --function main sum.vgb
vega-objdump --grep FREE sum.vgb
vega-objdump --grep nothing --json sum.vgb
