# What everybody knows is named, whichever tool is given it.
# status: 110
!1 vegac picture.png
!1 vega-asm --message-format short picture.png
vega run picture.png
