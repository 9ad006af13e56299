# Without lines, instructions are shown and stopped at; functions have their names.
# stdin: b 3\nb sum\nb sum+0x12\nb smu\nc\ns\nn\nbackn\nc\nfinish\ndisas\ninfo functions\nwatch 0..4\nc\nbackc\nhello\nb\nd 9\nq\n
vegac -q sums.vg -o sums.vgb --strip-debug
vegavm --debug sums.vgb
