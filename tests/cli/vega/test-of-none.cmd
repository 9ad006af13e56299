# No test is there, or none of this name.
vega test own-arguments.vg
vega test sums.vg --only nothing
