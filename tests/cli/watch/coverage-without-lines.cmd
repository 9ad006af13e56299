# Without lines there is nothing to count.
# status: 111
vegac sums.vg --strip-debug -o sums.vgb
vegavm --coverage - sums.vgb
