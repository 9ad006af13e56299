# Nothing is changed where what is near, or written in the way of another language, may have been meant otherwise, nor where
# the change would be refused.
# status: 1
!1 vegac --fix told-apart.vg -o prog.vgb
!1 vegac --fix known-around.vg -o prog.vgb
!1 vegac --fix next-in-while.vg -o prog.vgb
!1 vegac --fix more-than-one-edit.vg -o prog.vgb
!1 vegac --fix script-with-a-function-inside.vg -o prog.vgb
vegac --fix not-only-an-arena.vg -o prog.vgb
