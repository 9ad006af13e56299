# A checksum that is made wrong twice is wrong; a graph is shown alone, also beside data.
# status: 2
vega-asm --no-verify wrong-twice.vasm
!1 vega-objdump -t wrong-twice.vgb
vega-objdump --cfg=json --calls=dot wrong-twice.vgb
