# One section: its record, its fields, its bytes; without a view its bytes.
vegac sum.vg -o sum.vgb
vega-objdump -h -j statics sum.vgb
vega-objdump --bytes -j statics sum.vgb
vega-objdump -j statics sum.vgb
