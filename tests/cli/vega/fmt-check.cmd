# status: 1
vega fmt --check untidy.vg sums.vg
