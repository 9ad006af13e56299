# The options by what they are for.
vega-objdump --help
