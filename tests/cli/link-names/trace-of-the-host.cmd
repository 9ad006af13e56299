vega-asm main.vasm -o main.vgo
vega-asm old.vasm -o old.vgo
vega-ld main.vgo old.vgo -o prog.vgb -y io.put
