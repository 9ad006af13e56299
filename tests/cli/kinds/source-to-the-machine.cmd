# status: 110
vegavm one.vg
