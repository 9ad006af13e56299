# status: 1
vegac -c main.vg
vegac -c geometry.vg
vegac -c numbers.vg
vega-ld main.vgo -L missing -L . -l geomtry -o prog.vgb
