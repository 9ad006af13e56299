# A module is as good a source as a program.
vega check numbers.vg geometry.vg main.vg
