# status: 2
!2 vega-asm first.vasm --listing=./first.vasm
!2 vega-asm first.vasm --listing=first.vgb
!2 vega-asm first.vasm --listing -o -
vega-asm first.vasm -o first.vasm
