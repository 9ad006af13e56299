# The limits allow a gigabyte, and the host does not have it.
# memory: 400000
# status: 113
vegac large.vg
!113 vegavm --engine reference large.vgb
!113 vegavm --engine jit large.vgb
vegavm --engine interpreter large.vgb
