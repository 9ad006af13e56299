# What has nothing to show says so.
# status: 1
vegac sum.vg -o sum.vgb
vega-asm --no-verify empty.vasm
vega-objdump -r sum.vgb
vega-objdump --bytes empty.vgb
