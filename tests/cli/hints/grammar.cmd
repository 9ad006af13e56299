# status: 1
vegac grammar.vg --color never
