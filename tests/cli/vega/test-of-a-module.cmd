vega test asks.vg
