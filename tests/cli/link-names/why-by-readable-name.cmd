vega-asm main.vasm -o main.vgo
vega-asm old.vasm -o old.vgo
vega-ld main.vgo old.vgo -o prog.vgb --why "old.t(long) -> long" --why "old.t(int)" --why "old.t(long) -> int"
