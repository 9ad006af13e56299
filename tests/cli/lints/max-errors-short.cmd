# How many errors there are is said in every form of messages.
# status: 1
vegac --max-errors 1 --message-format short small.vg
