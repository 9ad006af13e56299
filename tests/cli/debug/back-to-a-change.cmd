# Back to where bytes that are watched were changed, and no further than to where they began.
# stdin: b 11\nc\nwatch total\nbackc\np total\nbackc\nbackc 2\np total\nbackc\nbt\nq\n
vegac -q back.vg -o back.vgb
vegavm --debug back.vgb
