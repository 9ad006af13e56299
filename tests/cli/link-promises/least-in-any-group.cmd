# Of two promises of one function the least is kept, whichever objects come together first.
vegac -c two.vg
vegac -c less.vg
vegac -c geometry.vg
vega-ld -r two.vgo less.vgo geometry.vgo -o all.vgo
vega-ld -r two.vgo less.vgo -o some.vgo
vega-ld -r some.vgo geometry.vgo -o groups.vgo
vega-ld -r two.vgo geometry.vgo -o other.vgo
vega-ld -r other.vgo less.vgo -o others.vgo
vega-objdump -s -j vegac.interface all.vgo
vega-objdump -s -j vegac.interface groups.vgo
vega-objdump -s -j vegac.interface others.vgo
