# stdin: c\nprint\narena\nq\n
vega-asm -q names.vasm -o names.vgb
vegavm -q --debug names.vgb 5
