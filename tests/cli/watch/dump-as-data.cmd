# The same for programs, after a limit.
# form: stdout dump.schema.json
vegac -q down.vg -o down.vgb
!113 vegavm -q --steps 30 --dump-on-trap down.json down.vgb > output
vega-objdump --json down.json
