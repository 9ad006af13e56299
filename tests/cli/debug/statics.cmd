# Static variables have no names in a file; they are shown, and watched, by their places.
# stdin: info statics\nwatch static2\nwatch static1[1].doors\nc\nc\np static1[1].name\np static3\nback\np static2\np static4\ninfo nothing\nc\nc\nq\n
vegac -q statics.vg -o statics.vgb
vegavm --debug statics.vgb
