# What stands at an offset of the file.
vegac sum.vg -o sum.vgb
vega-objdump --at 0x0a sum.vgb
vega-objdump --at 0x2b8 sum.vgb
vega-objdump --at main+0x50 sum.vgb
vega-objdump --at main()I+80 sum.vgb
