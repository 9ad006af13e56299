# After a trap: used, left, and the peaks.
# status: 112
vegac down.vg -o down.vgb
vegavm --untrusted --stats down.vgb
