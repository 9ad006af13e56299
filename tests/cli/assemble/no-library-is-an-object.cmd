# status: 1
vega-asm -c library.vasm
