# status: 4
vega-ld @often.txt
