# Calls inside an object are what they are, and that is told; one that goes out of it is another.
vega-asm -c main.vasm
vega-asm -c old.vasm
vega-asm -c wrapper.vasm
vega-ld -r main.vgo old.vgo -o group.vgo
vega-ld group.vgo wrapper.vgo --wrap old.t -o prog.vgb
vega-ld -r main.vgo wrapper.vgo --wrap old.t(I) -o wrapped.vgo
vega-ld wrapped.vgo old.vgo -o other.vgb
vegavm other.vgb
