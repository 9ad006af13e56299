# Steps go over functions of the library, whose source is nowhere; an instruction enters them, and so does a breakpoint.
# stdin: b 5\nc\ns\nbt\nback\nbt\nb skip_spaces\nc\nbt\ns\nbt\nq\n
vegac -q library.vg
vegavm --debug library.vgb
