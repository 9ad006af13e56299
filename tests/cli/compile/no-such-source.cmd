# status: 5
vegac nowhere.vg
