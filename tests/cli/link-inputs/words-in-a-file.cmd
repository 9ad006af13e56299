# Several words a line, in quotes, and the last of several of one option counts.
vegac -c main.vg
vegac -c geo.vg
vega-ld @words.txt
vega-objdump -h "a b.vgb"
