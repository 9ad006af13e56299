# S05: the kind that was found and the kind that is wanted, even of an object that has an entry.
# status: 110
vega-asm object.vasm -o object.vgo
vegavm object.vgo
