# status: 1
vega-asm main.vasm -o main.vgo
vega-asm alt.vasm -o alt.vgo
vega-ld -r main.vgo alt.vgo -o all.vgo --defsym "old.t=alt.t(L)L"
