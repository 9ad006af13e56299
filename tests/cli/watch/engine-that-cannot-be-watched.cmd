# It is said that another engine runs what is watched.
vegac -q sums.vg -o sums.vgb
vegavm --engine jit --profile prof sums.vgb
vegavm --engine interpreter sums.vgb
