# The graphs of several functions, each with its name; and as JSON.
vegac sum.vg -o sum.vgb
vega-objdump --cfg=mermaid sum.vgb
vega-objdump --cfg=json --function norm sum.vgb
vega-objdump --calls=json --function main sum.vgb
