# Two files with one meaning, and a file with itself.
vegac sum.vg -o sum.vgb
vegac --strip-debug sum.vg -o bare.vgb
vega-objdump --diff sum.vgb bare.vgb sum.vgb
