# What stood where, for people.
vegac -q down.vg -o down.vgb
! vegavm --dump-on-trap down.json down.vgb
vega-objdump down.json
