# What is wrong with a module is told once, however many of the sources import it.
# status: 1
vega check --message-format short
