# What was read is read again when it goes back, and nothing is printed twice.
# stdin: b echo.vg:8\nc\np got\nbackc\nrun\nc\np got\nc\nrun\nc\nc\n
vegac -q echo.vg -o echo.vgb
vegavm --debug --input words.txt echo.vgb
