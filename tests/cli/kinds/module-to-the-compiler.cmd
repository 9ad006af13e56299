# status: 1
vegac one.vg -o one.vgb
vegac one.vgb
