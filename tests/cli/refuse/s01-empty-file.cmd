# S01: the message says how many bytes are needed.
# status: 110
vegavm empty.vgb
