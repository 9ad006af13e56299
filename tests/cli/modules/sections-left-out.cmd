vega-asm noted.vasm -o noted.vgo
vegac uses-noted.vg -o prog.vgb
vegavm prog.vgb
