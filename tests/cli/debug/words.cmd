# What stands behind a command is what it takes, or refused; an outer frame has its own stack.
# stdin: b 5 if n\nfinish 2\nbt 1\nrun now\narena 0\nhelp me\ndisas sum\ndisas nothing\nb sum\nc\np values[3]\np values.x\nup 2\nup 1\ninfo frame\ndown 2\ndown 1\ndown\nup x\nq now\nq\n
vegac -q sums.vg -o sums.vgb
vegavm --debug sums.vgb
