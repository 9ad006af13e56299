# What an object says of itself is compared wherever it is read, as by those who judge all of it.
# status: 1
vega-asm --no-verify proof-of-an-object.vasm -o g.vgo
!1 vega-objdump g.vgo
!1 vega-ld -r g.vgo -o whole.vgo
!1 vega-ld --library g.vgo -o prog.vgb
!1 vegac calls-g.vg -o prog.vgb
vega-asm --no-verify bytes-of-strings.vasm -o g.vgo
!1 vega-objdump g.vgo
!1 vega-ld -r g.vgo -o whole.vgo
!1 vega-ld --library g.vgo -o prog.vgb
vegac -c calls-g.vg
