vegac -c geometry.vg
vega-objdump geometry.vgo
