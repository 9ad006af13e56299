# No output is the source or a module that it imports, and no two are one file: whatever leads there, all is as it was.
! vegac main.vg -o ./main.vg
! vegac main.vg -o helper.vg
! vega build main.vg -o ./helper.vg
! vegac main.vg --emit checked,vgb -o helper.vg
! vegac main.vg --emit tokens -o helper.vg
! vegac main.vg --emit ast -o helper.vg
! vegac main.vg --emit vgb,deps -o main.d
! vegac main.vg --emit vgb,vasm -o main.vg
! vegac main.vg --print budget -o -
vega run main.vg
