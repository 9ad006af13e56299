# A file that cannot be read is that for every command.
# status: 5
!5 vega check missing
!5 vega fmt missing
vega test missing takes-something.vg
