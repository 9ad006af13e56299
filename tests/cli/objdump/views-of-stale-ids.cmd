# Where no more is wrong than content ids, the file is judged, and its budget is known.
# status: 1
vega-asm --no-verify stale-ids.vasm
!1 vega-objdump --budget --layout stale-ids.vgb
vega-objdump --why-refused stale-ids.vgb
