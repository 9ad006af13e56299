# What has no room in the column of names has a line of its own.
vegac --print budget long-names.vg
