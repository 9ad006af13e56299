# Behind the hundredth refusal others are only counted.
# status: 1
vega-asm -q --no-verify refusals.vasm -o refusals.vgo
vega-objdump -q --message-format short --why-refused refusals.vgo
