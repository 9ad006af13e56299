# A test that runs into a limit fails, and those before and behind it are told.
# status: 1
vega test endless.vg --steps 1000
