# status: 111
!111 vega run --bogus sums.vg
!111 vega run --framse 3 sums.vg
vega run --bogus
