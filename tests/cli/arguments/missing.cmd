# status: 114
! vegac @objects.txt
! vega-asm @objects.txt
! vega-objdump @objects.txt
! vega-ld @objects.txt
vegavm @objects.txt
