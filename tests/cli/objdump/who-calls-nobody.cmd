# No function has this name; of one that nobody calls nothing is found.
# status: 1
vegac sum.vg -o sum.vgb
vega-objdump --who-calls smu sum.vgb
