# status: 111
# A wrong command line has a status that no program has.
vega run
