# What is asked for by a name that is not there, with the one that was meant: of a module, or a near one.
# status: 1
vegac sum.vg -o sum.vgb
vegac setting.vg -o setting.vgb
vegac types.vg -o types.vgb
!1 vega-objdump --who-calls set setting.vgb
!1 vega-objdump --function "norm(point) -> imt" sum.vgb
!1 vega-objdump --reads-slot lwo types.vgb
!1 vega-objdump --reads-slot pp --function norm sum.vgb
vega-objdump --reads-slot 99 sum.vgb
