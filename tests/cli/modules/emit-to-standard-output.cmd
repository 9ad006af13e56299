# status: 2
vegac main.vg -o - --emit ast,deps
