# Options that contradict one another, with those that do.
# status: 2
vegac sum.vg -o sum.vgb
!2 vega-objdump --disassemble=main --function norm sum.vgb
!2 vega-objdump -t -j code sum.vgb
!2 vega-objdump --cfg=dot -d sum.vgb
!2 vega-objdump --cfg=mermaid --calls=mermaid sum.vgb
!2 vega-objdump --cfg=dot --json sum.vgb
!2 vega-objdump --why-refused -d sum.vgb
!2 vega-objdump --vasm -C sum.vgb
!2 vega-objdump --vasm sum.vgb sum.vgb
vega-objdump --diff sum.vgb -d sum.vgb
