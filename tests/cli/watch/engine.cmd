# Both engines come to the same, steps and peaks as well; what is watched runs in the one that can be.
vegac sums.vg -o sums.vgb
vegavm --engine reference --stats sums.vgb
vegavm --engine interpreter --stats sums.vgb
