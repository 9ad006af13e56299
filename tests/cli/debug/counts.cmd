# How often is counted in stops, of breakpoints and watches too; what is no number does nothing.
# stdin: b 5\nc 3\np total\nbackc 2\np total\nc 99\nr\nsi abc\nstep -1\nn 0\nsi 99999999999999999999\nframe abc\ndown\nframe\nq\n
vegac -q sums.vg -o sums.vgb
vegavm --debug sums.vgb
