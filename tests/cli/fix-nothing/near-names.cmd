# Nothing is changed where a near name is there, but the name that is unknown means something elsewhere.
# status: 1
!1 vegac --fix of-another-function.vg -o prog.vgb
!1 vegac --fix behind-its-loop.vg -o prog.vgb
!1 vegac --fix define.vg -o prog.vgb
!1 vegac --fix function.vg -o prog.vgb
!1 vegac --fix near-names-of-functions.vg -o prog.vgb
vegac --fix shadowed.vg -o prog.vgb
