vega run /dev/null
