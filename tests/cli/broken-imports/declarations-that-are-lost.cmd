# Of a module with declarations that could not be read nothing is supposed.
# status: 1
vegac lost.vg
