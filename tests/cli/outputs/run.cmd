# status: 111
! vega run --profile main.vg main.vg
! vega run --coverage helper.vg main.vg
! vega run --coverage seen --profile ./seen main.vg
! vega run --coverage - --profile - main.vg
vegac main.vg -o prog.vgb
! vegavm --dump-on-trap prog.vgb prog.vgb
! vegavm --coverage helper.vg prog.vgb
vegac main.vg -o words
vegavm --debug --input words --profile words prog.vgb
