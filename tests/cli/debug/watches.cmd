# Bytes that are watched, until they are gone; results of functions.
# stdin: b 5\nc\nwatch total\nwatch 4..8\nwatch 4..99\nwatch n\ninfo b\nc\nc\nd 1\nd 3\nc\nc\nbackc\nq\n
vegac -q sums.vg -o sums.vgb
vegavm --debug sums.vgb
