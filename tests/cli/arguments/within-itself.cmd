# status: 2
!2 vegac @itself.txt
vega-ld @itself.txt
