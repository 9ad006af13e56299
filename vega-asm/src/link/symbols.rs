//! Who defines what: every function of every input by its name and the types that it takes.
//!
//! Functions of one name and one list of parameters are one, whatever they give: so says the language, and a caller who
//! expects another result has to be told about the one that is there. Names are absolute, so this holds for functions
//! that are not exported, too.

use super::problem::{Problem, Site};
use super::{Definition, Input};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use vega_format::container;

/// The functions of all inputs.
#[derive(Debug, Default)]
pub(super) struct Symbols<'i> {
    by_key: HashMap<&'i str, Definition>,
}

impl<'i> Symbols<'i> {
    /// The function of this name and with these parameters.
    pub(super) fn find(&self, mangled: &str) -> Option<Definition> {
        self.by_key.get(key(mangled)).copied()
    }

    /// All names with the types that they take, in no order.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'i str, Definition)> {
        self.by_key.iter().map(|(key, definition)| (*key, *definition))
    }
}

/// Collects what the inputs define; a function that two define is told, and the first stays.
pub(super) fn collect<'i>(inputs: &'i [&Input<'_>], problems: &mut Vec<Problem>) -> Symbols<'i> {
    let mut symbols = Symbols::default();
    for (input, from) in inputs.iter().enumerate() {
        for function in from.module.functions() {
            let definition = Definition { input, function: function.index };
            match symbols.by_key.entry(key(function.name)) {
                Entry::Vacant(place) => _ = place.insert(definition),
                Entry::Occupied(first) => {
                    let (first, second) = (*first.get(), definition);
                    let meaning = |one: Definition| inputs.get(one.input).map(|input| input.module.ids().meaning);
                    let same_file = meaning(first) == meaning(second);
                    let (first, second) = (Site::of(inputs, first), Site::of(inputs, second));
                    problems.push(Problem::Duplicate { first, second, same_file });
                }
            }
        }
    }
    symbols
}

/// A mangled name without its result: `norm(14geometry.point)`.
fn key(mangled: &str) -> &str {
    let mut depth = 0usize;
    for (at, byte) in mangled.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return mangled.get(..=at).unwrap_or(mangled),
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    mangled
}

/// The path in a mangled name: `geometry.norm`.
pub(super) fn path(mangled: &str) -> &str {
    mangled.split('(').next().unwrap_or(mangled)
}

/// A function of the inputs.
pub(super) fn function<'i>(inputs: &'i [&Input<'_>], definition: Definition) -> Option<container::Function<'i>> {
    inputs.get(definition.input)?.module.function(definition.function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_name_without_its_result() {
        let cases = [
            ("main()V", "main()", "main"),
            ("geometry.norm(14geometry.point)d", "geometry.norm(14geometry.point)", "geometry.norm"),
            ("f((II)[]I)(IZ)", "f((II)[]I)", "f"),
            ("", "", ""),
        ];
        for (mangled, wanted, name) in cases {
            assert_eq!((key(mangled), path(mangled)), (wanted, name));
        }
    }
}
