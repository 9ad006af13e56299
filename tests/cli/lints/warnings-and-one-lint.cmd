# `warnings` stands for the lints one by one, so that the last word about each counts.
# status: 0
vegac denied.vg -A warnings -W unused-value -o prog.vgb --message-format short
vegac denied.vg -D unused-value -A warnings -o prog.vgb
