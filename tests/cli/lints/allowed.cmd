# The compiler lets it through, and says nothing; the machine warns.
# status: 112
vegac -A certain-trap -A unused-value trap.vg -o prog.vgb
vegavm prog.vgb
