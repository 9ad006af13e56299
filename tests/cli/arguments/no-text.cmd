# status: 5
vega-ld @latin.txt
