# status: 2
vega new hello
vega new hello
