# A source that is shown, too, is an input.
# status: 2
vegac main.vg
! vega-objdump --html main.vgb -o main.vg
! vega-objdump -S main.vgb -o helper.vg
! vega-objdump --diff main.vgb other.vgb -o main.vgb
vega-objdump main.vgb -o ./main.vgb
