# All commands.
# stdin: help\n
vegac -q sums.vg -o sums.vgb
vegavm --debug sums.vgb
