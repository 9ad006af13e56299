# status: 114
vegavm nowhere.vgb
