# The assembler tells what the verifier refuses; written all the same, no other tool takes it.
# status: 110
vega-asm --no-verify bad.vasm
vegavm bad.vgb
