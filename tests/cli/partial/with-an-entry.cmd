# Of several functions `main` one is chosen for an object, too; linked at once or in groups, the program is the same.
# status: 40
vega-asm prints.vasm -o prints.vgo
vega-asm takes.vasm -o takes.vgo
!1 vega-ld -r prints.vgo takes.vgo -o both.vgo
vega-ld -r prints.vgo takes.vgo --entry main(I)I -o both.vgo
vega-ld both.vgo -o one.vgb
vega-ld prints.vgo takes.vgo --entry main(I)I -o at-once.vgb
vega-objdump --diff one.vgb at-once.vgb
vega-ld prints.vgo takes.vgo --entry main()I -o prints.vgb
vegavm prints.vgb
vegavm one.vgb 40
