vegac -c numbers.vg
vega-ld --library -L . -l numbers -o numbers.vgb
vega-objdump --syms numbers.vgb
