# What can be read of a damaged file is shown, in every view; what cannot is left out, and told.
# status: 1
vega-asm --no-verify damaged-constants.vasm
!1 vega-objdump damaged-constants.vgb
!1 vega-objdump -x -d damaged-constants.vgb
!1 vega-objdump --cfg --calls --sizes --layout damaged-constants.vgb
!1 vega-objdump --at 0x184 damaged-constants.vgb
!1 vega-objdump --who-calls io.put damaged-constants.vgb
!1 vega-objdump --json -j imports -h -d damaged-constants.vgb
vega-asm --no-verify cut.vasm
!1 vega-objdump -h cut.vgb
!1 vega-objdump -s -j metadata cut.vgb
vega-objdump -d cut.vgb
