# Of a function whose code is cut, what is there is shown.
# status: 1
vega-asm --no-verify cut-in-its-code.vasm
vega-objdump -t -d --sizes cut-in-its-code.vgb
