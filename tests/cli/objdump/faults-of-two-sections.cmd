# Of two sections with a fault each, both are told, and the first by who tells no more.
# status: 110
vega-asm --no-verify faults-of-two-sections.vasm -o two.vgb
!1 vega-objdump -t two.vgb
vegavm two.vgb
