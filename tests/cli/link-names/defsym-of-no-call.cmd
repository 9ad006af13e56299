# status: 1
vega-asm main.vasm -o main.vgo
vega-asm alt.vasm -o alt.vgo
vega-ld main.vgo alt.vgo -o prog.vgb --defsym "old.t=alt.t" --defsym "old.t(d)=alt.t" --fatal-warnings
