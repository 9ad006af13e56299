vega-asm --listing prog.vasm
