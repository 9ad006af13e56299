# status: 5
vega-ld @.
