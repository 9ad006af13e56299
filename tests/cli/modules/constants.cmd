# status: 1
vegac constants.vg
