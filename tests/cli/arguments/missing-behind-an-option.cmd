# A file that is not there is no value of the option before it; what may be one is told.
# status: 114
!114 vegavm --stats nowhere.vgb
!114 vegavm --trace nowhere.vgb
vegavm --stats json
