# No output is the source or a module that it imports, and no two are one file: whatever leads there, all is as it was.
!2 vegac main.vg -o ./main.vg
!2 vegac main.vg -o helper.vg
!2 vega build main.vg -o ./helper.vg
!2 vegac main.vg --emit checked,vgb -o helper.vg
!2 vegac main.vg --emit tokens -o helper.vg
!2 vegac main.vg --emit ast -o helper.vg
!2 vegac main.vg --emit vgb,deps -o main.d
!2 vegac main.vg --emit vgb,vasm -o main.vg
!2 vegac main.vg --print budget -o -
vega run main.vg
