# status: 5
# stdin: --message-format\nshort\nmissing.vgo\n-o\nprog.vgb\n

vega-ld @-
