# status: 1
vegac meaning.vg --color never
