# Nothing stands in the arena, and nothing is free.
# status: 112
vegac -q -A certain-trap bump.vg -o bump.vgb
vegavm -q bump.vgb
