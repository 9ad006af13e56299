# status: 111
vegac one.vg -o one.vgb
vega run one.vgb
