# What cannot be read and what is no object is told by name, as much as is wanted.
# status: 1
vegac -c vec2.vg
vega-ld --library vec2.vgo -o library.vgb
!5 vega-ld zero.vgo text.vgo library.vgb -l vec3 -o prog.vgb --error-limit 0
vega-ld zero.vgo text.vgo library.vgb -l vec3 -o prog.vgb --error-limit 2
