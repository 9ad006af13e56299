# Elements count with all their bytes, however short the words are.
# status: 113
vega run --arguments 15 any-number.vg sums a b c
