# status: 2
vegac strategies.vg --print budget -o -
