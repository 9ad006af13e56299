# With -C also within instructions and at places.
vegac sum.vg -o sum.vgb
vega-asm caller.vasm -o caller.vgo
vega-objdump -C --who-calls norm sum.vgb
vega-objdump -C --who-calls io.put caller.vgo
vega-objdump -C --cfg --function main caller.vgo
vega-objdump -Cr caller.vgo
vega-objdump -C --at 0x2b8 sum.vgb
