# stdin: b f\nc\nbt\nlist\ninfo sources\nb x.vg:3\n
vega-asm -q odd.vasm -o odd.vgb
vegavm --debug odd.vgb
