vegac --write-library .
vegac -c hypot.vg
vega-ld hypot.vgo -L . -l math -o hypot.vgb
vegavm hypot.vgb
