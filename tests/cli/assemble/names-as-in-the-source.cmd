# Mangled names are spelled by letters.
# status: 1
vega-asm source-names.vasm
