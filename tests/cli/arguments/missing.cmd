# status: 114
!5 vegac @objects.txt
!5 vega-asm @objects.txt
!5 vega-objdump @objects.txt
!5 vega-ld @objects.txt
vegavm @objects.txt
