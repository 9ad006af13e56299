# status: 114
vega new hello > made
!114 vega run hello
vega run nothing
