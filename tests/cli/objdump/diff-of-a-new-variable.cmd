# Slots are compared by name: one more before them changes nothing else.
# status: 1
vegac before.vg -o before.vgb
vegac after.vg -o after.vgb
vega-objdump --diff before.vgb after.vgb
