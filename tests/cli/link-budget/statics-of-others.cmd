# How many bytes static blocks of other modules need is known when these are linked.
vegac -c counts.vg
vegac -c counter.vg
vega-objdump --budget counts.vgo
vega-ld -r counts.vgo -o part.vgo --print-memory-usage
vega-ld counts.vgo counter.vgo -o prog.vgb --print-memory-usage
