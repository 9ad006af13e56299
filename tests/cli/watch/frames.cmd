# status: 112
vegac -q down.vg -o down.vgb
!112 vegavm --frames 1 down.vgb
vegavm --message-format json --frames 1 down.vgb
