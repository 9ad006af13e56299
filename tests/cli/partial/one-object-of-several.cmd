# An object of several modules offers what they offer, and is imported as the one whose name its file has.
vegac -c geometry.vg
vegac -c lines.vg
vega-ld -r geometry.vgo lines.vgo -o main/lines.vgo
vega-ld -r lines.vgo geometry.vgo -o other-order.vgo
vega-objdump --diff main/lines.vgo other-order.vgo
vega-objdump -s -j vegac.interface main/lines.vgo
vega run main/main.vg
vegac -c main/main.vg -o main.vgo
vega-ld main.vgo main/lines.vgo -o main.vgb
vegavm main.vgb
