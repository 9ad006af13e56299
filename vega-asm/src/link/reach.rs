//! What can be called from the roots: all that the output needs.

use super::resolve::{MAIN, Resolved};
use super::symbols::{self, Symbols};
use super::{Definition, Input};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::Peekable;
use vega_format::container::relocations::Entries;
use vega_format::instruction::{Space, indexes};
use vega_format::join::{Called, Pick};
use vega_format::rows::Rows;

/// The functions that the roots reach, by name.
pub(super) fn reach(inputs: &[&Input<'_>], resolved: &Resolved<'_>, roots: &[Definition]) -> Vec<Pick> {
    let calls = CallTable::of(inputs, resolved);
    let mut seen = vec![false; calls.count as usize];
    let mut work: Vec<u32> = roots.iter().map(|root| calls.number(*root)).collect();
    while let Some(number) = work.pop() {
        if let Some(seen) = seen.get_mut(number as usize).filter(|seen| !**seen) {
            *seen = true;
            work.extend_from_slice(calls.callees.row(number));
        }
    }
    let is_seen = |one: Definition| seen.get(calls.number(one) as usize) == Some(&true);
    by_name(inputs, is_seen)
}

/// All functions, by name.
pub(super) fn all(inputs: &[&Input<'_>], symbols: &Symbols<'_>) -> Vec<Pick> {
    by_name(inputs, |one| {
        symbols::outlined(inputs, one).is_some_and(|function| symbols.find_bytes(function.name) == Some(one))
    })
}

/// All functions, by name, but for those named `main` that are not the entry and that nobody calls: a module has one.
pub(super) fn all_with_entry(
    inputs: &[&Input<'_>],
    symbols: &Symbols<'_>,
    resolved: &Resolved<'_>,
    entry: Definition,
) -> Vec<Pick> {
    let is_other = |one: &Definition| {
        *one != entry && symbols::function(inputs, *one).is_some_and(|function| function.signature.name == MAIN)
    };
    let all = all(inputs, symbols).into_iter().map(Pick::definition);
    let roots: Vec<Definition> = all.filter(|one| !is_other(one)).collect();
    reach(inputs, resolved, &roots)
}

/// What every function calls. The functions of all inputs are numbered one after another.
struct CallTable {
    /// For each input the number of its first function.
    firsts: Vec<u32>,
    /// How many functions there are.
    count: u32,
    callees: Rows<u32>,
}

impl CallTable {
    fn of(inputs: &[&Input<'_>], resolved: &Resolved<'_>) -> CallTable {
        let mut firsts = Vec::with_capacity(inputs.len());
        let mut count = 0;
        for input in inputs {
            firsts.push(count);
            count += input.module.function_count();
        }
        let mut table = CallTable { firsts, count, callees: Rows::with_capacity(count as usize, 0) };
        for (input, from) in (0..).zip(inputs) {
            let mut relocations = from.module.relocations().peekable();
            for code in from.module.codes() {
                each_call(resolved, input, code, &mut relocations, |_, called| {
                    let number = table.number(called);
                    table.callees.push(number);
                });
                table.callees.close();
            }
        }
        table
    }

    fn number(&self, one: Definition) -> u32 {
        self.firsts.get(one.file as usize).map_or(u32::MAX, |first| first.saturating_add(one.function))
    }
}

/// The functions of the inputs that are kept, by name. Those of an object stand so already: the objects are merged, and
/// from one that has the least name as many are taken as there are before the next name of another.
fn by_name(inputs: &[&Input<'_>], is_kept: impl Fn(Definition) -> bool) -> Vec<Pick> {
    let mut objects: Vec<_> = (0..).zip(inputs).map(|(input, from)| named(input, from)).collect();
    let firsts = (0..).zip(&mut objects).filter_map(|(place, object)| Some(Reverse((object.next()?, place))));
    let mut waiting: BinaryHeap<Reverse<(Named<'_>, usize)>> = firsts.collect();
    let mut all = Vec::with_capacity(inputs.iter().map(|input| input.module.function_count() as usize).sum());
    while let Some(Reverse(((_, mut one), place))) = waiting.pop() {
        let end = waiting.peek().map(|Reverse(((name, _), _))| *name);
        let Some(object) = objects.get_mut(place) else { break };
        loop {
            if is_kept(one.definition()) {
                all.push(one);
            }
            match object.next() {
                Some(next) if end.is_none_or(|end| next.0 < end) => (_, one) = next,
                Some(next) => break waiting.push(Reverse((next, place))),
                None => break,
            }
        }
    }
    all
}

/// A function, and its mangled name.
type Named<'i> = (&'i [u8], Pick);

/// The functions of an input, by name.
fn named<'i>(input: u32, from: &'i Input<'_>) -> impl Iterator<Item = Named<'i>> + use<'i> {
    let functions = from.module.outlined_functions();
    let pick = move |index, exported| Pick::new(Definition { file: input, function: index }, exported);
    functions.map(move |function| (function.name, pick(function.index, function.exported)))
}

/// The functions that a function calls, each with the offset of the call, in order; those of the inputs.
pub(super) fn calls(inputs: &[&Input<'_>], resolved: &Resolved<'_>, caller: Definition) -> Vec<(u32, Definition)> {
    let mut calls = Vec::new();
    let Some(module) = inputs.get(caller.file as usize).map(|input| &input.module) else { return calls };
    let Some((start, code)) = module.code(caller.function) else { return calls };
    let mut relocations = module.relocations().from(start).peekable();
    each_call(resolved, caller.file, (start, code), &mut relocations, |offset, called| calls.push((offset, called)));
    calls
}

/// Gives the calls in the code that starts at an offset of its section; of the relocations, those behind it are left.
fn each_call(
    resolved: &Resolved<'_>,
    input: u32,
    (start, code): (u32, &[u8]),
    relocations: &mut Peekable<Entries<'_>>,
    mut found: impl FnMut(u32, Definition),
) {
    for index in indexes(code).map_while(Result::ok).filter(|index| index.space == Space::Functions) {
        let at = start + index.at;
        while relocations.next_if(|next| next.offset < at).is_some() {}
        match relocations.next_if(|next| next.offset == at) {
            None => found(index.offset, Definition { file: input, function: index.value }),
            Some(relocation) => {
                if let Some(Called::Function(function)) = resolved.target(input, relocation.import) {
                    found(index.offset, *function);
                }
            }
        }
    }
}
