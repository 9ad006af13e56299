# status: 1
vegac itself.vg -c
