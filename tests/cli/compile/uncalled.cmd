vegac uncalled.vg --emit vasm
