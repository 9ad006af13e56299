# status: 1
vegac -c odd-name.vg
