# Commands that are none, and numbers that are too great.
# stdin: b :\nb x:y\nb no.vg:3\nb 99999999999\nb 4294967295\nb sum+0xzz\nb +\nwatch\nwatch ..\nwatch 5..2\nwatch 0..4294967295\np [\np .\nframe 99\nup\nup\ndown\nd x\nd 7\nn 3\np values\np values[2]\np values[99999999999]\np values[3]\np values.x\np 0\np 65536\nlist 4294967295\nlist main\nlist\nlist\ninfo what\nb\xff\xfe\ns many\nfinish\nbackn 2\n\nre\n\x1b[31m\n
vegac -q sums.vg -o sums.vgb
vegavm --debug sums.vgb
