# status: 114
vega new hello > made
! vega run hello
vega run nothing
