# A dump that is none.
# status: 1
vega-objdump cut-off.json
