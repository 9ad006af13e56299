# status: 2
# The rule names what is read, the object of `numbers` not, for its source is there.
vegac -c numbers.vg
vegac main.vg --emit deps
vegac alone/lists.vg -I . --emit deps
vegac main.vg -o program.vgb --emit vgb,deps,vasm,deps
vegavm program.vgb
vega-asm program.vasm -o again.vgb
vegavm again.vgb
vegac main.vg -o program.vasm --emit vgb,vasm
