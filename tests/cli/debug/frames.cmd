# Of many frames both ends are shown, or as many as are wanted; any can be looked at.
# stdin: break 6\nc\nbt\nbt 2\nbt -2\nframe 45\nup\nframe 999\nq\n
vegac -q deep.vg -o deep.vgb
vegavm --debug deep.vgb
