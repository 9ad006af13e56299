# status: 1
# Both sides of what decided are shown, inside of `&&`, `||` and `!`, too, and of structs, tuples and arrays.
vega test conditions.vg
