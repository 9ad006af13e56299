# A module that cannot be read is told as any other file.
# status: 114
!5 vegac main.vg
!5 vegac main.vg --message-format short
!5 vega check main.vg
!5 vega test main.vg
vega run main.vg
