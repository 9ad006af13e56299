# The usage line says what is wanted, and what may come any number of times.
# status: 111
vega run any-number.vg
