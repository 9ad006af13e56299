# Who asks for help with one dash gets it.
vega-ld -help
