# A later word about a lint counts; what is denied as a warning is an error.
# status: 1
vegac -A certain-trap -W certain-trap -D warnings trap.vg --message-format short
