# The limit of memory is about the program's bytes; what the host keeps for slots beside them has a limit of its own.
# status: 113
vegac -q deep.vg
vegavm --max-memory 8M --require no-oom deep.vgb 98999
vegavm --max-memory 8M --tables 64M deep.vgb 98999
