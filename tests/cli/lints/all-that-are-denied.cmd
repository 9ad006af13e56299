# A warning that was asked to refuse hides no others.
# status: 1
vegac denied.vg -D warnings --message-format short
