# A source becomes a file, and the file runs; the int of main is the exit status.
# status: 25
vegac sum.vg -o prog.vgb
vegavm prog.vgb 4
