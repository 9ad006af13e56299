# What looks like an option behind the program is an argument of it.
# status: 111
vega run own-arguments.vg 1 --steps 5
