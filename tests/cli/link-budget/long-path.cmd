# Of a path of more than 20 calls the ends are told; what needs most is told wherever it stands.
# status: 113
vega-asm -q chain.vasm -o chain.vgo
vega-ld -q chain.vgo -o prog.vgb --print-memory-usage
vega-objdump -q --budget --json prog.vgb
vegavm --max-memory 64 prog.vgb
