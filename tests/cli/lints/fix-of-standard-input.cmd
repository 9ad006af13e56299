# status: 2
# stdin: 1
vegac --fix - -o prog.vgb
