# Where a limit is in the way of the first instruction, nothing was used.
# status: 113
vegac -q sums.vg -o sums.vgb
vegavm --message-format json --stats=json --memory 8 sums.vgb
