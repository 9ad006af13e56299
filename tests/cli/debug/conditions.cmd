# Breakpoints that stop where something holds, forth and back; several at one place; what is no condition.
# stdin: b 9 if total == 3\nb 9 if total >= 6\nb 11 if is_large\nc\np total\nc\nc\np total\nc\nc\nbackc\nbackc\ninfo b\nd\nb 9 if totl > 1\nb 9 if total >\nb 9 if f(x)\nb 9 if name == "vega"\nc\nb if at.x != 0\nd 4\nc\np at.x\nb 13 if total > 2.5\nc\nb nowhere if total\nq\n
vegac -q conditions.vg -o conditions.vgb
vegavm --debug conditions.vgb
