# What is printed goes to standard output, and the program to the file.
vegac strategies.vg --print budget -o program.vgb
vega-objdump --budget program.vgb
