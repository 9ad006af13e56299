# Of a function that is not refused no refusal is shown, and that there are others.
# status: 1
vega-asm --no-verify two-refused.vasm
vega-objdump --why-refused --function main two-refused.vgb
