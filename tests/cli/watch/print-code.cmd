# The form in which the interpreter runs functions.
vegac sums.vg -o sums.vgb
vegavm --print code sums.vgb
