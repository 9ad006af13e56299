# The instructions that lead to a refusal, as a listing that is refused for it.
# status: 1
vega-asm --no-verify long.vasm
vega-objdump --why-refused long.vgb
