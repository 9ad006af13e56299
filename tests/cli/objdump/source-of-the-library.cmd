# The library comes with the compiler: nobody misses its sources.
vegac setting.vg -o setting.vgb
vega-objdump -S --function bits.set setting.vgb
