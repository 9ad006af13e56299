# A lint is called by its name, or by the code that messages show.
# status: 1
vegac -A W0005 -D W0001 denied.vg --message-format short
