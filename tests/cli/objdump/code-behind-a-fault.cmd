# Behind a byte that is no instruction, code is shown on.
# status: 1
vega-asm --no-verify code-that-is-none.vasm
!1 vega-objdump -d code-that-is-none.vgb
!1 vega-objdump --budget code-that-is-none.vgb
!1 vega-objdump --why-refused --function f code-that-is-none.vgb
!1 vega-objdump --at 0x163 code-that-is-none.vgb
vega-objdump --bytes -j code code-that-is-none.vgb
