# What is wrong with an importer is told beside what is wrong with the module.
# status: 1
vegac main.vg
