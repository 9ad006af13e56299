# Up to the fault.
# status: 1
vega-asm --no-verify refused.vasm
vega-objdump --types refused.vgb
