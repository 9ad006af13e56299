vega-asm main.vasm -o main.vgo
vega-asm alt.vasm -o alt.vgo
vega-ld main.vgo alt.vgo -o prog.vgb --defsym "old.t(int)=alt.t" --defsym "old.t(L)L=alt.t(long) -> long"
vegavm prog.vgb
