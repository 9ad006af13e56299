# A dump is no file of code: views of one are refused, not left out without a word.
# status: 1
vegac -q down.vg -o down.vgb
!112 vegavm --dump-on-trap down.json down.vgb
!1 vega-objdump -d down.json
!1 vega-objdump --vasm down.json
vega-objdump --html down.json -o down.html
