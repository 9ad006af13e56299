# What is proved to be too much says what of it the static blocks need.
# status: 113
vegac -q static.vg
vegavm --max-memory 64 static.vgb
