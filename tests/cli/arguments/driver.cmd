# The words of the driver stand in files, too, but not those of a program; and none of these files is written over.
# status: 2
vega check @words.txt
vega fmt --check @words.txt
vega test @words.txt
vega run @verbose.txt words.vg @words.txt
vega run @words.txt one two
vega build @words.txt -o words.txt
