# The driver compiles in memory, and debugs as well.
# stdin: b sum\nc\nfinish\nc\n
vega run --debug sums.vg
