# How deep sources may nest does not depend on the stack of the process.
# stack: 256
vega run blocks.vg
vega run calls.vg
vega run values.vg
vegac calls.vg
vega-objdump --vasm calls.vgb > calls.vasm
vega-asm calls.vasm -o again.vgb
vegavm again.vgb
vega check values.vg calls.vg
