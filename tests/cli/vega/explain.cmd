vega explain W0008
