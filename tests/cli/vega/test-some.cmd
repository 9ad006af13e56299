vega test sums.vg --only sum
