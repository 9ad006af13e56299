# An object that was linked of several is imported as the module that its file is named after, also where that has no functions.
vegac -c declarations.vg
vegac -c counter.vg
vega-ld -r counter.vgo declarations.vgo -o main/declarations.vgo
vegac main/uses.vg -o prog.vgb
vegavm prog.vgb
