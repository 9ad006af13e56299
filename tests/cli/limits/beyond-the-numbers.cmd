# A need that no number can say is a bound all the same: with its path, and above every limit.
# status: 113
vega-asm -q beyond.vasm
vega-objdump -q --budget beyond.vgb
vegavm --max-memory 4294967295 beyond.vgb
