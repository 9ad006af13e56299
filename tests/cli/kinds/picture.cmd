# What everybody knows is named, whichever tool is given it.
# status: 110
! vegac picture.png
! vega-asm --message-format short picture.png
vega run picture.png
