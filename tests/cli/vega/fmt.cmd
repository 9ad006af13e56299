vega fmt untidy.vg
vega fmt --check untidy.vg
vegac untidy.vg --emit ast
