# The lines of the source beside the instructions, for programs.
vegac sum.vg -o sum.vgb
vega-objdump -S --json --function norm sum.vgb
