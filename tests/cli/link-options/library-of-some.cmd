# What `-l` brings is there to be called, and the library does not offer it.
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld --library -L . -l numbers geometry.vgo -o geometry.vgb
vega-objdump --syms geometry.vgb
