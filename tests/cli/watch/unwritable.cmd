# What cannot be written is told.
# status: 114
vegac sums.vg -o sums.vgb
vegavm --profile no/such/folder/file sums.vgb
