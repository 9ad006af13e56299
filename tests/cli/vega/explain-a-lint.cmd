# A lint is explained by its name, too.
vega explain unused-variable
