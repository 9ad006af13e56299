# The entry stands in one of the objects, though not in the first: the name that is taken is told, and nothing else.
# status: 1
vega-asm one-main.vasm -o a.vgo
vega-asm another-main.vasm -o b.vgo
vega-ld a.vgo b.vgo -o prog.vgb --entry main()I
