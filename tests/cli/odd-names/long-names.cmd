# A long name leaves the table its columns.
# status: 5
vega-asm -q long-names.vasm -o long-names.vgb
vega-objdump --layout long-names.vgb
vegavm -q --dump-arena long-names.vgb 5
