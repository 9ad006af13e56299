# An argument file is an input, whoever names it: it is as it was.
# status: 2
vegac -c library.vg
! vega-ld @link.txt -o link.txt
! vega-ld @both.txt -o ./link.txt
! vega-ld @link.txt -o prog.vgb --map=link.txt
! vegac @link.txt -o link.txt
! vegavm @verbose.txt --coverage verbose.txt library.vgo
vega-ld @link.txt -o link.txt
