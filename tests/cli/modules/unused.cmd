vegac unused.vg
