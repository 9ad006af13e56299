# status: 1
vega-asm first.vasm -o first.vgo
vega-asm second.vasm -o second.vgo
vega-ld -r first.vgo second.vgo -o both.vgo
