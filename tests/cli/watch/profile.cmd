# Steps by paths of calls; the sum is what --stats tells, also after a trap.
# status: 112
vegac -q down.vg -o down.vgb
vegavm --profile - --stats down.vgb
