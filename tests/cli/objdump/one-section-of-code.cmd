# `-d -j code` is what people know: the code, taken apart.
vegac sum.vg -o sum.vgb
vega-objdump -d -j code --function norm sum.vgb
