# Without lines, the life of a slot is told by code, and nobody misses a source.
vega-asm stripped.vasm
vega-objdump --layout stripped.vgb
vega-objdump -S stripped.vgb
