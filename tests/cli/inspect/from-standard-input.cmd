# A listing comes in and a file goes out.
# stdin: .entry main()I print\n.function main()I\nLOAD_CONST index=int:100\nRETURN\n.end\n
vega-asm - -o hundred.vgb
vegavm hundred.vgb
