# Used, left, and the peaks, for programs.
# form: stderr stats.schema.json
vegac sums.vg -o sums.vgb
vegavm --steps 1000 --stats=json sums.vgb
