# What is told of functions is told of the one that is named.
vegac sum.vg -o sum.vgb
vega-asm caller.vasm -o caller.vgo
vega-objdump --layout --budget -t --function norm sum.vgb
vega-objdump --layout --function main sum.vgb
vega-objdump -r --function main caller.vgo
