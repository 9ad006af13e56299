# A debugger goes on and back, and tells nothing of a run from its start to its end.
# status: 111
vegac -q sums.vg -o sums.vgb
!111 vegavm --debug --stats sums.vgb
!111 vegavm --debug --trace sums.vgb
!111 vegavm --debug --dump-arena sums.vgb
!111 vegavm --debug --profile out sums.vgb
!111 vegavm --debug --coverage out sums.vgb
!111 vegavm --debug --dump-on-trap out sums.vgb
!111 vegavm --debug --message-format short sums.vgb
!111 vega run --debug --stats sums.vg
!111 vegavm --dap --stats
!111 vegavm --dap --message-format short
vegavm --dap --require no-oom
