# The same, told at the line of the listing.
# status: 1
vega-asm bad.vasm
