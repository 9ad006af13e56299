vega-asm --listing quoted.vasm -o quoted.vgb
vega-objdump --function main quoted.vgb
