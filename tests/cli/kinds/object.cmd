# An object is no program: the next step is to link it.
# status: 1
vegac -c one.vg
!110 vegavm one.vgo
!1 vegac one.vgo
vega-asm one.vgo
