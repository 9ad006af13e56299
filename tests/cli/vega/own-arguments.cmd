# A `--` right behind the program is no argument of it; others are.
vega run own-arguments.vg -x 1
vega run own-arguments.vg -- -x 2
vega run own-arguments.vg -- -- 3
vegac own-arguments.vg
vegavm own-arguments.vgb -- -x 4
vegavm own-arguments.vgb -x --
