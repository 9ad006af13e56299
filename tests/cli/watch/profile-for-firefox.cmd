# The same for a browser.
vegac sums.vg -o sums.vgb
vegavm --profile - --profile-format firefox sums.vgb
