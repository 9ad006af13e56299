vega-asm main.vasm -o main.vgo
vega-asm old.vasm -o old.vgo
vega-ld -r main.vgo old.vgo -o all.vgo
vega-ld all.vgo -o prog.vgb -y old.t
