# A word that is longer than an element is told with its place, by its bytes.
# status: 111
vega run any-number.vg sums one größe
