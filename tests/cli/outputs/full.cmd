# Which stream cannot be written is said, and who was writing to it; of what was held back until the end, nobody was.
# status: 114
vegac -q loud.vg
vegac -q short.vg
!114 vegavm loud.vgb > /dev/full
vegavm short.vgb > /dev/full
