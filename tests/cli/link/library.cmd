vega-asm other.vasm -o other.vgo
vega-ld --library --strip-debug other.vgo -o other.vgb
vega-objdump -xd other.vgb
