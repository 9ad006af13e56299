# What `--only` leaves out is not looked at.
vega test takes-something.vg --only test_product
