# A module that is imported already is not imported again, and of several lines none is left behind.
# status: 1
!1 vegac --fix imports-from.vg -o prog.vgb
vegac --fix imports-over-lines.vg -o prog.vgb
