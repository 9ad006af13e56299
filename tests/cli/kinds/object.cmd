# An object is no program: the next step is to link it.
# status: 1
vegac -c one.vg
! vegavm one.vgo
! vegac one.vgo
vega-asm one.vgo
