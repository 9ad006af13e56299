# A device has no name from which that of the output could be made; it is an empty source.
# status: 2
vegac /dev/null
