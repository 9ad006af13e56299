# status: 4
vegac /dev/zero -o x.vgb
