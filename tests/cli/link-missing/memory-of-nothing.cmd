# Nothing is known of what could not be read, so nothing counts as 0.
# status: 1
!1 vega-ld text.vgo -o prog.vgb --print-memory-usage
!1 vega-ld text.vgo -o prog.vgb --map --map-format json
vegac -c vec2.vg
vega-ld vec2.vgo text.vgo --library -o prog.vgb --print-memory-usage
