# status: 110
vegac host.vg
vegavm host.vgb
