# Of a run that ends well there is none; one is no program.
# status: 110
vegac -q sums.vg -o sums.vgb
vegavm --dump-on-trap sums.json sums.vgb
!5 vega-objdump sums.json
vegavm cut-off.json
