# What is made runs, passes its test, is in style, and there is nothing to say about it.
vega new hello
vega run hello/main.vg
vega test hello
vega fmt --check hello
vega check hello -D warnings
vega build hello/main.vg -o hello.vgb
vegavm hello.vgb
