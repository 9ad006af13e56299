# Of a module that is not there nothing is supposed; what else is wrong is told.
# status: 1
vegac missing.vg
