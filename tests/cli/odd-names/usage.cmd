# status: 111
vega-asm -q names.vasm -o names.vgb
vegavm -q names.vgb
