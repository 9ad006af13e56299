# What reads the file looks for the sources, and those of the library lie nowhere.
vegac library.vg -o library.vgb
vegavm --coverage - library.vgb
