# Layouts and budgets name the strategy of an arena, where it is not first fit; the proof knows them all.
# status: 110
vegac strategies.vg -o strategies.vgb
vega-objdump --layout strategies.vgb
vega-objdump --budget strategies.vgb
vegavm --require no-oom strategies.vgb
