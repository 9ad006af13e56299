vegac host.vg --emit ast
vegac main.vg --emit ast
