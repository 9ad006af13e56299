# Lines that were reached, and one that was not.
vegac half.vg -o half.vgb
vegavm --coverage - half.vgb
