# status: 2
! vega-asm first.vasm --listing=./first.vasm
! vega-asm first.vasm --listing=first.vgb
! vega-asm first.vasm --listing -o -
vega-asm first.vasm -o first.vasm
