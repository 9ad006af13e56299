# The listing that vegac prints assembles to a program that does the same.
# status: 25
vegac sum.vg --emit vasm > prog.vasm
vega-asm prog.vasm
vegavm prog.vgb 4
