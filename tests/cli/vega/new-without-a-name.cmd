# status: 2
vega new a/b
