# A source that is shown, too, is an input.
# status: 2
vegac main.vg
!2 vega-objdump --html main.vgb -o main.vg
!2 vega-objdump -S main.vgb -o helper.vg
!2 vega-objdump --diff main.vgb other.vgb -o main.vgb
vega-objdump main.vgb -o ./main.vgb
