# An option that has two names is told of by the one that was written.
# status: 111
!111 vegavm --max-memory=342b prog.vgb
!111 vegavm --memory=342b prog.vgb
vegavm --timeout soon prog.vgb
