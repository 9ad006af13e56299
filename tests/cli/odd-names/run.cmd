# Names of slots and parameters end no line, either.
# status: 112
vega-asm -q names.vasm -o names.vgb
vegavm -q --trace --dump-arena names.vgb 5
