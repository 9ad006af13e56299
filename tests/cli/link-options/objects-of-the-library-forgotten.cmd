# status: 1
vegac -c hypot.vg
vega-ld hypot.vgo -o hypot.vgb
