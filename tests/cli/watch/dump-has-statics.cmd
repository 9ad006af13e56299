# Static variables stand behind the calls, with the values that they had.
vegac -q counts.vg -o counts.vgb
!112 vegavm --dump-on-trap counts.json counts.vgb 0
vega-objdump counts.json
