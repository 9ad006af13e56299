vega-asm -c main.vasm
vega-asm -c alt.vasm
vega-ld main.vgo alt.vgo --defsym old.t=middle.t --defsym middle.t=alt.t -u middle.t -o prog.vgb
vegavm prog.vgb
