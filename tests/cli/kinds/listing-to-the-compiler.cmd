# status: 2
vegac one.vasm
