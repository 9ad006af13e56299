# Options behind the program are words of its own.
vega run any-number.vg sums
vega run any-number.vg sums one two -q
vegac any-number.vg
vegavm any-number.vgb sums -- four
