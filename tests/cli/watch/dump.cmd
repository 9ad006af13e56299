# What stood where, for people.
vegac -q down.vg -o down.vgb
!112 vegavm --dump-on-trap down.json down.vgb
vega-objdump down.json
