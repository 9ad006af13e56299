# What no instruction says stands behind the listing as bytes, so that it assembles to the same file.
# status: 1
vega-asm --no-verify unused.vasm
vega-objdump --vasm unused.vgb
vega-objdump --vasm unused.vgb > again.vasm
vega-asm --no-verify again.vasm
vega-objdump -D again.vgb
