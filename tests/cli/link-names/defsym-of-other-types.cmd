# status: 1
vega-asm main.vasm -o main.vgo
vega-asm alt.vasm -o alt.vgo
vega-ld main.vgo alt.vgo -o prog.vgb --defsym "old.t(I)I=alt.t(L)L" --defsym "old.t(L)=alt.t"
