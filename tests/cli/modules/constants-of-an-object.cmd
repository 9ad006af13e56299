# status: 1
vegac -c bounds.vg -o alone/bounds.vgo
vega run alone/bound.vg
vegac alone/unbound.vg
