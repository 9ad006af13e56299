# Comments, instructions and texts as other assemblers have them.
# status: 1
vega-asm elsewhere.vasm
