//! What can be called from the roots: all that the output needs.

use super::resolve::Resolved;
use super::{Definition, Input, symbols};
use vega_format::instruction::{self, Space};
use vega_format::parsed::CallTarget;

/// The functions that the roots reach, each once.
pub(super) fn reach(inputs: &[&Input<'_>], resolved: &Resolved, roots: Vec<Definition>) -> Vec<Definition> {
    let mut seen: Vec<Vec<bool>> =
        inputs.iter().map(|input| vec![false; input.module.function_count() as usize]).collect();
    let mut work = roots;
    let mut live = Vec::new();
    while let Some(definition) = work.pop() {
        let place = seen.get_mut(definition.input).and_then(|input| input.get_mut(definition.function as usize));
        let Some(place) = place.filter(|seen| !**seen) else { continue };
        *place = true;
        live.push(definition);
        calls(inputs, resolved, definition, &mut work);
    }
    live
}

/// Adds what a function calls.
fn calls(inputs: &[&Input<'_>], resolved: &Resolved, caller: Definition, work: &mut Vec<Definition>) {
    let (Some(input), Some(function)) = (inputs.get(caller.input), symbols::function(inputs, caller)) else { return };
    for (offset, instruction) in instruction::walk(function.code).map_while(Result::ok) {
        let Some((Space::Functions, operand)) = instruction.index() else { continue };
        work.extend(match input.module.call_target(function.index, offset, operand) {
            CallTarget::Function(called) => Some(Definition { input: caller.input, function: called }),
            CallTarget::Import(import) => resolved.find(caller.input, import),
        });
    }
}
