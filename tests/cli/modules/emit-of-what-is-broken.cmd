# status: 1
vegac twice.vg --emit tokens,vgb
