# status: 111
vegavm one.vg
