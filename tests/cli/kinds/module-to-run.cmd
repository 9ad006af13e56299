# status: 110
vegac one.vg -o one.vgb
vega run one.vgb
