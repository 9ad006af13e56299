# What a function needs that calls a third module is known when that is linked; until then the object carries the promise.
# status: 1
vega-asm first.vasm -o first.vgo
vega-asm second.vasm -o second.vgo
vega-asm third.vasm -o third.vgo
vega-ld -r first.vgo second.vgo -o both.vgo
vega-objdump -s -j vegac.interface both.vgo
vega-ld --library both.vgo third.vgo -o all.vgb
