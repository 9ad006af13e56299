# status: 1
vegac broken-words.vg --message-format json
