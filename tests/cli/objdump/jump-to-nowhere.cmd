# A jump to a place where no instruction begins.
# status: 1
vega-asm --no-verify nowhere.vasm -o nowhere.vgb
!1 vega-objdump --cfg nowhere.vgb
!1 vega-objdump --cfg=dot nowhere.vgb
vega-objdump --cfg --json nowhere.vgb
