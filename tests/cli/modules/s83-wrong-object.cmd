# status: 1
vegac -c numbers.vg -o other.vgo
vegac main.vg -o sum.vgo
vegac wrong.vg
