# What the verifier refuses is marked at the instruction.
# status: 1
vega-asm --no-verify refused.vasm
vega-objdump --bytes refused.vgb
