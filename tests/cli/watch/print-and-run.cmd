# What is only shown has no steps to trace and no figures.
# status: 111
vegac -q sums.vg -o sums.vgb
!111 vegavm --print code --stats sums.vgb
vegavm --print code --trace sums.vgb
