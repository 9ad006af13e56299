# Who calls whom: as text, for dot, for Mermaid, as JSON.
vegac sum.vg -o sum.vgb
vega-objdump --calls sum.vgb
vega-objdump --calls=dot sum.vgb
vega-objdump --calls=mermaid -C sum.vgb
vega-objdump --calls --json sum.vgb
