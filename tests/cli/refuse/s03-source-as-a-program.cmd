# S03: a hint says what the file is.
# status: 110
vegavm text.vgb
