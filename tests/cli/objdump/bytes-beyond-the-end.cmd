# Of a section that reaches beyond the end of the file, no checksum can be told.
# status: 1
vega-asm --no-verify beyond.vasm
vega-objdump --bytes beyond.vgb
