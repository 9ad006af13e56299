# status: 1
vegac members.vg
