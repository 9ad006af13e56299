//! What can be called from the roots: all that the output needs.

use super::resolve::{Resolved, Target};
use super::symbols::Symbols;
use super::{Definition, Input};
use vega_format::instruction::{Space, indexes};

/// The functions that the roots reach, by name.
pub(super) fn reach<'i>(inputs: &'i [&Input<'_>], resolved: &Resolved<'_>, roots: &[Definition]) -> Vec<Definition> {
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
    let of_input = |(input, (from, seen)): (u32, (&'i &Input<'_>, &Vec<bool>))| -> Vec<Named<'i>> {
        let functions = from.module.outlined_functions().zip(seen).filter(|(_, seen)| **seen);
        functions.map(|(function, _)| (function.name, Definition { input, function: function.index })).collect()
    };
    by_name((0..).zip(inputs.iter().zip(&seen)).map(of_input).collect())
}

/// A function, and its mangled name.
type Named<'i> = (&'i [u8], Definition);

/// All functions, by name.
pub(super) fn all<'i>(inputs: &'i [&Input<'_>], symbols: &Symbols<'_>) -> Vec<Definition> {
    let of_input = |(input, from): (u32, &'i &Input<'_>)| -> Vec<Named<'i>> {
        let all = from.module.outlined_functions();
        let all = all.map(|function| (function.name, Definition { input, function: function.index }));
        all.filter(|(name, one)| symbols.find_bytes(name) == Some(*one)).collect()
    };
    by_name((0..).zip(inputs).map(of_input).collect())
}

/// Functions of the inputs, each list by name, as one list by name. Lists that do not overlap, as those of modules mostly
/// do not, are not compared any further.
fn by_name(mut lists: Vec<Vec<Named<'_>>>) -> Vec<Definition> {
    lists.retain(|list| !list.is_empty());
    lists.sort_by_key(|list| list.first().map(|(name, _)| *name));
    let mut all: Vec<Named<'_>> = Vec::with_capacity(lists.iter().map(Vec::len).sum());
    // From here on, names are to be compared once more.
    let mut mixed = 0;
    let mut is_mixed = false;
    let mut end: &[u8] = &[];
    for list in lists {
        let (first, last) = (list.first().map_or(end, |(name, _)| *name), list.last().map_or(end, |(name, _)| *name));
        if first < end {
            is_mixed = true;
        } else {
            sort(&mut all, mixed, is_mixed);
            (mixed, is_mixed) = (all.len(), false);
        }
        end = end.max(last);
        all.extend(list);
    }
    sort(&mut all, mixed, is_mixed);
    all.into_iter().map(|(_, one)| one).collect()
}

/// Sorts what stands from a place on, if it is not sorted.
fn sort(all: &mut [Named<'_>], from: usize, is_mixed: bool) {
    if is_mixed {
        all.get_mut(from..).into_iter().for_each(|mixed| mixed.sort_by_key(|(name, _)| *name));
    }
}

/// The functions that a function calls, each with the offset of the call, in order; those of the inputs.
pub(super) fn calls<'p>(
    inputs: &'p [&Input<'_>],
    resolved: &'p Resolved<'_>,
    caller: Definition,
) -> impl Iterator<Item = (u32, Definition)> + 'p {
    let module = inputs.get(caller.input as usize).map(|input| &input.module);
    let (start, code) = module.and_then(|module| module.code(caller.function)).unwrap_or_default();
    // Relocations rise with the code, so the function's own stand together.
    let relocations = module.map(|module| module.relocations()).unwrap_or_default();
    let first = relocations.partition_point(|relocation| relocation.offset < start);
    let mut relocations = relocations.get(first..).unwrap_or_default().iter().peekable();
    let calls = indexes(code).map_while(Result::ok).filter(|index| index.space == Space::Functions);
    calls.filter_map(move |index| {
        let at = start + index.at;
        while relocations.next_if(|relocation| relocation.offset < at).is_some() {}
        let called = match relocations.next_if(|relocation| relocation.offset == at) {
            None => Definition { input: caller.input, function: index.value },
            Some(relocation) => match resolved.target(caller.input, relocation.import)? {
                Target::Definition(definition) => *definition,
                Target::Host | Target::Elsewhere(_) => return None,
            },
        };
        Some((index.offset, called))
    })
}
