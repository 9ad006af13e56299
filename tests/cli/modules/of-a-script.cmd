# status: 1
vegac of_a_script.vg
