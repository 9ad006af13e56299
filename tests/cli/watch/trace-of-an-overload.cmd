# A function is named as traces show it, with what it gives or without.
vegac -q counts.vg -o counts.vgb
vegavm --trace=divide(int) counts.vgb 6
