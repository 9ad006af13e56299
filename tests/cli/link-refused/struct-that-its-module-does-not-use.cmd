# A struct is what its module says it is, also where no function there uses it.
# status: 1
vegac -c uses-record.vg
vegac -c struct/record.vg -o record.vgo
!1 vega-ld uses-record.vgo record.vgo -o prog.vgb
vega-ld -r uses-record.vgo record.vgo -o both.vgo
