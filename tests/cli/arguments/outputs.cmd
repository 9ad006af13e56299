# An argument file is an input, whoever names it: it is as it was.
# status: 2
vegac -c library.vg
!2 vega-ld @link.txt -o link.txt
!2 vega-ld @both.txt -o ./link.txt
!2 vega-ld @link.txt -o prog.vgb --map=link.txt
!1 vegac @link.txt -o link.txt
!111 vegavm @verbose.txt --coverage verbose.txt library.vgo
vega-ld @link.txt -o link.txt
