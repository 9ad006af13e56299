# stdin: x  =1;;y= 2\n
vega fmt -
