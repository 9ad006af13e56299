# status: 111
! vega run --bogus sums.vg
! vega run --framse 3 sums.vg
vega run --bogus
