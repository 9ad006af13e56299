# status: 1
vegac one.vasm
