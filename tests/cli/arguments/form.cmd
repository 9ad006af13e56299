# Wrong words are told in the form that the words ask for.
# status: 2
!2 vegac --message-format=json --bogus x.vg
!2 vegac --message-format short
vega-ld x.vgo --message-format json --threads 0
