# status: 5
!5 vega-asm .
vegac . -o x.vgb
