# An object without functions, and its listing.
vega-asm types-alone.vasm -o types-alone.vgo
vega-objdump --vasm types-alone.vgo
vega-objdump -h types-alone.vgo
