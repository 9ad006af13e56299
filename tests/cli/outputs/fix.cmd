# Nothing is changed where an output would write over a module that is imported.
# status: 110
!2 vegac --fix slip.vg -o helper.vg
!2 vegac --fix slip.vg --emit vgb,deps -o ./helper.vg
vega run slip.vg
