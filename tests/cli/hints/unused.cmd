vegac unused.vg --color never
