# status: 1
vega test asserts.vg
