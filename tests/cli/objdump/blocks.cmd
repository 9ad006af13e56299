# The basic blocks of a function: as text, for dot, for Mermaid, as JSON.
vegac sum.vg -o sum.vgb
vega-objdump --cfg --function main sum.vgb
vega-objdump --cfg=dot --function main sum.vgb
vega-objdump --cfg=mermaid --function main sum.vgb
vega-objdump --cfg --json --function main sum.vgb
