# No stage looks for more than 100 errors.
# status: 1
!1 vegac many.vg --max-errors 1
!1 vegac many.vg --max-errors 1 --message-format short
vegac many.vg --max-errors 1 --message-format json
