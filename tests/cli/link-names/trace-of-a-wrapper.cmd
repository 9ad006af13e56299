vega-asm main.vasm -o main.vgo
vega-asm old.vasm -o old.vgo
vega-asm wrapper.vasm -o wrapper.vgo
vega-ld main.vgo old.vgo wrapper.vgo -o prog.vgb --wrap "old.t(int)" -y __wrap_old.t -y "old.t(I)"
