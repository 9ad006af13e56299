//! What can be called from the roots: all that the output needs.

use super::resolve::{Resolved, Target};
use super::symbols::Symbols;
use super::{Definition, Input, symbols};
use vega_format::instruction::{Space, indexes};
use vega_format::parsed::CallTarget;

/// The functions that the roots reach, by name.
pub(super) fn reach(inputs: &[&Input<'_>], resolved: &Resolved<'_>, roots: &[Definition]) -> Vec<Definition> {
    let mut seen: Vec<Vec<bool>> =
        inputs.iter().map(|input| vec![false; input.module.function_count() as usize]).collect();
    let mut work = roots.to_vec();
    while let Some(definition) = work.pop() {
        let place =
            seen.get_mut(definition.input as usize).and_then(|input| input.get_mut(definition.function as usize));
        if let Some(seen) = place.filter(|seen| !**seen) {
            *seen = true;
            work.extend(calls(inputs, resolved, definition).map(|(_, called)| called));
        }
    }
    let of_input = |(input, seen): (u32, &Vec<bool>)| -> Vec<Definition> {
        let functions = (0..).zip(seen).filter(|(_, seen)| **seen);
        functions.map(|(function, _)| Definition { input, function }).collect()
    };
    by_name(inputs, (0..).zip(&seen).map(of_input).collect())
}

/// All functions, by name.
pub(super) fn all(inputs: &[&Input<'_>], symbols: &Symbols<'_>) -> Vec<Definition> {
    let of_input = |(input, from): (u32, &&Input<'_>)| -> Vec<Definition> {
        let all = from
            .module
            .outlined_functions()
            .map(|function| (function.name, Definition { input, function: function.index }));
        all.filter(|(name, one)| symbols.find(name) == Some(*one)).map(|(_, one)| one).collect()
    };
    by_name(inputs, (0..).zip(inputs).map(of_input).collect())
}

/// Functions of the inputs, each list by name, as one list by name. Lists that do not overlap, as those of modules mostly
/// do not, are not compared any further.
fn by_name(inputs: &[&Input<'_>], lists: Vec<Vec<Definition>>) -> Vec<Definition> {
    let name = |one: &Definition| symbols::outlined(inputs, *one).map(|function| function.name).unwrap_or_default();
    let mut lists: Vec<(&str, &str, Vec<Definition>)> =
        lists.into_iter().filter_map(|list| Some((name(list.first()?), name(list.last()?), list))).collect();
    lists.sort_by_key(|(first, ..)| *first);
    let mut all: Vec<Definition> = Vec::new();
    // From here on, names are to be compared once more: up to the last name, in order.
    let mut group: Option<(usize, &str)> = None;
    let sort = |all: &mut Vec<Definition>, from: usize| {
        let mut named: Vec<(&str, Definition)> = all.drain(from..).map(|one| (name(&one), one)).collect();
        named.sort_by_key(|(name, _)| *name);
        all.extend(named.into_iter().map(|(_, one)| one));
    };
    let mut is_mixed = false;
    for (first, last, list) in lists {
        match &mut group {
            Some((_, end)) if first < *end => {
                is_mixed = true;
                *end = last.max(end);
            }
            _ => {
                if let (true, Some((from, _))) = (is_mixed, group) {
                    sort(&mut all, from);
                }
                is_mixed = false;
                group = Some((all.len(), last));
            }
        }
        all.extend(list);
    }
    if let (true, Some((from, _))) = (is_mixed, group) {
        sort(&mut all, from);
    }
    all
}

/// The functions that a function calls, each with the offset of the call, in order; those of the inputs.
pub(super) fn calls<'p>(
    inputs: &'p [&Input<'_>],
    resolved: &'p Resolved<'_>,
    caller: Definition,
) -> impl Iterator<Item = (u32, Definition)> + 'p {
    let input = inputs.get(caller.input as usize);
    let code = input.and_then(|input| input.module.code(caller.function)).map(|(_, code)| code).unwrap_or_default();
    let calls = indexes(code).map_while(Result::ok).filter(|index| index.space == Space::Functions);
    calls.filter_map(move |index| {
        let called = match input?.module.call_target(caller.function, index.offset, index.value) {
            CallTarget::Function(function) => Definition { input: caller.input, function },
            CallTarget::Import(import) => match resolved.target(caller.input, import)? {
                Target::Definition(definition) => *definition,
                Target::Host | Target::Elsewhere(_) => return None,
            },
        };
        Some((index.offset, called))
    })
}
