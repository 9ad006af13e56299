# S03: the same words from another tool.
# status: 1
vega-objdump text.vgb
