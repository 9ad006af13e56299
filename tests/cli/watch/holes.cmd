# What lies around the largest hole.
# status: 112
vegac -q -A certain-trap holes.vg -o holes.vgb
vegavm -q holes.vgb
