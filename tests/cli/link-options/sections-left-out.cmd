vegac -c numbers.vg
vega-asm section.vasm -o section.vgo
vega-ld --library section.vgo numbers.vgo -o prog.vgb
vega-objdump -h prog.vgb
