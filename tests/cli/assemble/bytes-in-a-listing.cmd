# Beside `.bytes` stand offset and bytes as beside instructions.
vega-asm --no-verify --listing bytes-in-a-listing.vasm
