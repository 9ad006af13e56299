# status: 2
vegac one.vg -o one.vgb
vegac one.vgb
