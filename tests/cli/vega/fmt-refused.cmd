# status: 1
# stdin: fn ( {\n
vega fmt -
