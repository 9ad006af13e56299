# status: 111
!111 vega run --profile main.vg main.vg
!111 vega run --coverage helper.vg main.vg
!111 vega run --coverage seen --profile ./seen main.vg
!111 vega run --coverage - --profile - main.vg
vegac main.vg -o prog.vgb
!111 vegavm --dump-on-trap prog.vgb prog.vgb
!111 vegavm --coverage helper.vg prog.vgb
