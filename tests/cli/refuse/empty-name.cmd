# Nothing is no name of a file.
# status: 111
vegavm ""
