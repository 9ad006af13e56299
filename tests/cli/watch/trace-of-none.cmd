# No such function.
# status: 111
vegac sums.vg -o sums.vgb
vegavm --trace=smu sums.vgb
