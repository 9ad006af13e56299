//! Who defines what: every function of every input by its name and the types that it takes.
//!
//! Functions of one name and one list of parameters are one, whatever they give: so says the language, and a caller who
//! expects another result has to be told about the one that is there. Names are absolute, so this holds for functions
//! that are not exported, too.

use super::problem::{Problem, Problems, Site, Twins};
use super::{Definition, Input};
use crate::meant::is_meant;
use foldhash::fast::RandomState;
use memchr::{memchr, memchr2};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};
use vega_format::container;
use vega_format::instruction::{Space, indexes};
use vega_format::join::Pick;
use vega_format::parsed::CallTarget;

/// The functions of all inputs.
#[derive(Debug, Default)]
pub(super) struct Symbols<'i> {
    by_key: HashMap<Name<'i>, Pick, RandomState>,
}

/// A mangled name, of which the result counts for nothing when it is looked for.
#[derive(Debug, Clone, Copy)]
struct Name<'i>(&'i [u8]);

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        key_bytes(self.0).hash(state);
    }
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Name<'_>) -> bool {
        // Mostly the results are the same, too.
        self.0 == other.0 || key_bytes(self.0) == key_bytes(other.0)
    }
}

impl Eq for Name<'_> {}

impl<'i> Symbols<'i> {
    /// The function of this name and with these parameters.
    pub(super) fn find(&self, mangled: &str) -> Option<Definition> {
        self.find_bytes(mangled.as_bytes())
    }

    pub(super) fn find_bytes(&self, mangled: &[u8]) -> Option<Definition> {
        self.by_key.get(&Name(mangled)).map(|pick| pick.definition())
    }

    /// The exported function of just this name.
    pub(super) fn find_exported(&self, mangled: &[u8]) -> Option<Definition> {
        let (name, pick) = self.by_key.get_key_value(&Name(mangled))?;
        (pick.is_exported() && name.0 == mangled).then(|| pick.definition())
    }

    /// The functions that are meant by a name, of which a path may mean several; by name.
    pub(super) fn named(&self, inputs: &[&Input<'_>], name: &str) -> Vec<Definition> {
        let is_it = |one: &Definition| function(inputs, *one).is_some_and(|function| is_meant(name, function.name));
        if let Some(one) = self.find(name).filter(is_it) {
            return vec![one];
        }
        let mut found: Vec<_> = self.keys().filter(|(key, one)| path(key) == path(name) && is_it(one)).collect();
        found.sort_unstable_by_key(|(key, _)| *key);
        found.into_iter().map(|(_, definition)| definition).collect()
    }

    /// All names with the types that they take, in no order.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'i str, Definition)> {
        let key = |name: Name<'i>| core::str::from_utf8(name.0).ok().map(key);
        self.by_key.iter().filter_map(move |(name, pick)| Some((key(*name)?, pick.definition())))
    }
}

/// Collects what the inputs define; a function that two define is told, and the first stays.
pub(super) fn collect<'i>(inputs: &[&'i Input<'i>], problems: &mut Problems) -> Symbols<'i> {
    let count: usize = inputs.iter().map(|input| input.module.function_count() as usize).sum();
    let mut symbols = Symbols { by_key: HashMap::with_capacity_and_hasher(count, RandomState::default()) };
    for (input, from) in (0..).zip(inputs) {
        for function in from.module.outlined_functions() {
            let one = Definition { file: input, function: function.index };
            match symbols.by_key.entry(Name(function.name)) {
                Entry::Vacant(place) => _ = place.insert(Pick::new(one, function.exported)),
                Entry::Occupied(first) => {
                    let (first, second) = (first.get().definition(), one);
                    problems.add(|| {
                        let twins = twins(inputs, first, second);
                        let (first, second) = (Site::of(inputs, first), Site::of(inputs, second));
                        Some(Problem::Duplicate { first, second, twins })
                    });
                }
            }
        }
    }
    symbols
}

/// How much of two functions of one name is the same.
fn twins(inputs: &[&Input<'_>], first: Definition, second: Definition) -> Twins {
    let meaning = |one: Definition| inputs.get(one.file as usize).map(|input| input.module.ids().meaning);
    let body = |one| body(inputs, one);
    match meaning(first) == meaning(second) {
        true => Twins::Files,
        false => match body(first) {
            Some(first) if Some(&first) == body(second).as_ref() => {
                if first.calls_its_file {
                    Twins::Code
                } else {
                    Twins::Bodies
                }
            }
            _ => Twins::Names,
        },
    }
}

/// What a function does and with what, whatever numbers that has in its file.
#[derive(PartialEq)]
struct Body {
    names: Vec<String>,
    code: Vec<u8>,
    /// Whether it calls other functions of its file, of which only the names stand here.
    calls_its_file: bool,
}

fn body(inputs: &[&Input<'_>], one: Definition) -> Option<Body> {
    let module = &inputs.get(one.file as usize)?.module;
    let function = function(inputs, one)?;
    let mut names: Vec<String> = function.slots.iter().map(|slot| slot.type_name(module.stencils())).collect();
    names.push(format!("{} {:?} {:?}", function.max_stack, function.limit, function.signature.result));
    let mut code = function.code.to_vec();
    let mut calls_its_file = false;
    for index in indexes(function.code) {
        let index = index.ok()?;
        index.put(&mut code, 0);
        names.push(match index.space {
            Space::Constants => format!("{:?}", module.constant(index.value)?),
            Space::Imports => module.import(index.value)?.name.to_owned(),
            Space::Functions => match module.call_target(one.function, index.offset, index.value) {
                CallTarget::Function(called) => {
                    calls_its_file |= called != one.function;
                    module.function(called)?.name.to_owned()
                }
                CallTarget::Import(import) => module.import(import)?.name.to_owned(),
            },
            // Blocks of two files are never one.
            _ => return None,
        });
    }
    Some(Body { names, code, calls_its_file })
}

/// A mangled name without its result: `norm(14geometry.point)`.
pub(crate) fn key(mangled: &str) -> &str {
    mangled.get(..key_bytes(mangled.as_bytes()).len()).unwrap_or(mangled)
}

/// The same of the bytes of a name.
pub(super) fn key_bytes(mangled: &[u8]) -> &[u8] {
    // Mostly the result is one letter: no other bracket stands right before the last byte, unless that is one, too.
    if let [key @ .., result] = mangled
        && key.ends_with(b")")
        && *result != b')'
    {
        return key;
    }
    // Or there are no tuples in it.
    if let (Some(open), Some(close)) = (memchr(b'(', mangled), memchr(b')', mangled))
        && !mangled.get(open + 1..close).is_none_or(|inside| inside.contains(&b'('))
    {
        return mangled.get(..=close).unwrap_or(mangled);
    }
    let mut depth = 0usize;
    for (at, byte) in mangled.iter().enumerate() {
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
pub(crate) fn path(mangled: &str) -> &str {
    memchr(b'(', mangled.as_bytes()).and_then(|end| mangled.get(..end)).unwrap_or(mangled)
}

/// The module in a mangled name: `geometry`; empty of a name that stands alone.
pub(super) fn module(mangled: &str) -> &str {
    path(mangled).rsplit_once('.').map_or("", |(module, _)| module)
}

/// Whether a mangled name is one of a module, which is empty for names that stand alone.
pub(super) fn is_of(mangled: &[u8], module: &str) -> bool {
    let own = match module {
        "" => Some(mangled),
        module => mangled.strip_prefix(module.as_bytes()).and_then(|rest| rest.strip_prefix(b".")),
    };
    own.is_some_and(|own| memchr2(b'.', b'(', own).and_then(|end| own.get(end)) == Some(&b'('))
}

/// A function of the inputs, as the table of its file says it.
pub(super) fn outlined<'i>(inputs: &[&'i Input<'_>], definition: Definition) -> Option<container::Outlined<'i>> {
    inputs.get(definition.file as usize)?.module.outlined_function(definition.function)
}

/// A function of the inputs.
pub(super) fn function<'i>(inputs: &[&'i Input<'_>], definition: Definition) -> Option<container::Function<'i>> {
    inputs.get(definition.file as usize)?.module.function(definition.function)
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
            ("f((II))V", "f((II))", "f"),
            ("f()(I)", "f()", "f"),
            ("f(I)1a", "f(I)", "f"),
            ("f(1a)1b", "f(1a)", "f"),
            ("f()<IZ>", "f()", "f"),
            ("", "", ""),
        ];
        for (mangled, wanted, name) in cases {
            assert_eq!((key(mangled), path(mangled)), (wanted, name));
        }
    }

    /// As the hash table demands it: what is equal has one hash.
    #[test]
    fn names_are_one_if_only_their_results_differ() {
        let is_one = |one: &str, other: &str| Name(one.as_bytes()) == Name(other.as_bytes());
        assert!(is_one("f(I)I", "f(I)V") && is_one("f(I)(IZ)", "f(I)V"));
        assert!(!is_one("f", "f(I)I") && !is_one("f(I)I", "f") && !is_one("f(I)I", "f(II)I"));
    }

    #[test]
    fn a_name_is_of_one_module() {
        for name in ["main()V", "a.f()V", "a.b.f(1a)V", "ab.f(3a.b)V"] {
            for other in ["", "a", "ab", "a.b", "f"] {
                assert_eq!(is_of(name.as_bytes(), other), module(name) == other, "{name} {other}");
            }
        }
    }
}
