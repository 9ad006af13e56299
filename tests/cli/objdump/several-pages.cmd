# status: 2
vegac sum.vg -o sum.vgb
vega-objdump --html sum.vgb sum.vgb -o page.html
