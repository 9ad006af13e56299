# Stops, lines, values and pictures; back from a trap; the end.
# stdin: break down\ncontinue\nnext\nn\nn\nprint\np most\np most[1]\np nothing\narena\nbt\nup\np\ncontinue\ns\n\nstepi\ninfo b\nd 1\nc\nback\nback\nbacki\nlist\ninfo\nrun\nq\n
vegac -q down.vg -o down.vgb
vegavm --debug down.vgb
