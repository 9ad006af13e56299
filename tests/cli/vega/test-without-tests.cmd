# status: 1
# A source without tests must be good, too.
vega test broken.vg
