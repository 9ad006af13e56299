# One function of the trace.
vegac sums.vg -o sums.vgb
vegavm --trace=sum sums.vgb
