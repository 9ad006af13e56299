//! What each import is, and where the program starts.

use super::problem::{Missing, Problem, Site};
use super::symbols::{self, Symbols, path};
use super::{Definition, Input};
use std::collections::HashMap;
use vega_format::Parsed;
use vega_format::container::{EntryResult, ImportKind};
use vega_format::types::{Tag, Type};
use vega_report::near;

/// After so many functions that are not there, no more are looked for.
const MOST: usize = 100;

/// What the imports of each input are, by their numbers.
#[derive(Debug)]
pub(super) struct Resolved {
    imports: Vec<Vec<Option<Definition>>>,
}

impl Resolved {
    /// The function that an import of an input is.
    pub(super) fn find(&self, input: usize, import: u32) -> Option<Definition> {
        self.imports.get(input)?.get(import as usize).copied().flatten()
    }
}

/// Resolves; what is not there is told once, with all who want it.
pub(super) fn resolve(inputs: &[&Input<'_>], symbols: &Symbols<'_>, problems: &mut Vec<Problem>) -> Resolved {
    let mut unresolved: Vec<(&str, Vec<(usize, u32)>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut imports = Vec::with_capacity(inputs.len());
    for (input, from) in inputs.iter().enumerate() {
        let mut found = Vec::with_capacity(from.module.import_count() as usize);
        for (index, import) in (0..).zip(from.module.imports()) {
            let wanted = import.kind == ImportKind::Module;
            let exact = |one: &Definition| {
                let function = symbols::function(inputs, *one);
                function.is_some_and(|function| function.name == import.name && function.exported)
            };
            let definition = symbols.find(import.name).filter(|one| wanted && exact(one));
            if wanted && definition.is_none() {
                let place = *places.entry(import.name).or_insert_with(|| {
                    unresolved.push((import.name, Vec::new()));
                    unresolved.len() - 1
                });
                unresolved.get_mut(place).into_iter().for_each(|(_, who)| who.push((input, index)));
            }
            found.push(definition);
        }
        imports.push(found);
    }
    unresolved.sort_unstable_by_key(|(name, _)| *name);
    let told = unresolved.iter().take(MOST);
    problems.extend(told.filter_map(|(name, who)| missing(inputs, symbols, name, who)));
    Resolved { imports }
}

/// What is the matter with a function that cannot be had.
fn missing(inputs: &[&Input<'_>], symbols: &Symbols<'_>, name: &str, who: &[(usize, u32)]) -> Option<Problem> {
    let (input, import) = *who.first()?;
    let wanted = inputs.get(input)?.module.import(import)?.signature.to_owned();
    let callers = who.iter().filter_map(|(input, import)| caller(inputs, *input, *import)).collect();
    let missing = Missing { wanted, callers };
    if let Some(definition) = symbols.find(name) {
        let found = Site::of(inputs, definition);
        let is_same = found.signature.result == missing.wanted.result;
        return Some(match is_same {
            true => Problem::Private { missing, found },
            false => Problem::OtherResult { missing, found },
        });
    }
    let mut overloads: Vec<(&str, Definition)> = symbols.keys().filter(|(key, _)| path(key) == path(name)).collect();
    overloads.sort_unstable_by_key(|(key, _)| *key);
    let overloads: Vec<Site> = overloads.into_iter().map(|(_, definition)| Site::of(inputs, definition)).collect();
    let near = if overloads.is_empty() { near_name(inputs, symbols, path(name)) } else { None };
    Some(Problem::Undefined { missing, overloads, near })
}

/// The exported function whose name may have been meant.
fn near_name(inputs: &[&Input<'_>], symbols: &Symbols<'_>, wanted: &str) -> Option<String> {
    let exported = |definition| symbols::function(inputs, definition).is_some_and(|function| function.exported);
    let mut names: Vec<&str> =
        symbols.keys().filter(|(_, definition)| exported(*definition)).map(|(key, _)| path(key)).collect();
    names.sort_unstable();
    names.dedup();
    near(wanted, names).map(str::to_owned)
}

/// The first call of an import.
fn caller(inputs: &[&Input<'_>], input: usize, import: u32) -> Option<Site> {
    let module = &inputs.get(input)?.module;
    let relocation = module.relocations().iter().find(|relocation| relocation.import == import)?;
    let (function, offset) = function_at(module, relocation.offset)?;
    let line = module.source_line(function, offset).map(|(source, line)| (source.to_owned(), line));
    Some(Site { line, ..Site::of(inputs, Definition { input, function }) })
}

/// The function at an offset of the section `code`, and the offset in it.
fn function_at(module: &Parsed<'_>, offset: u32) -> Option<(u32, u32)> {
    let mut start = 0;
    for function in module.functions() {
        let end = start + function.code.len() as u32;
        if offset < end {
            return Some((function.index, offset - start));
        }
        start = end;
    }
    None
}

/// Where the program starts, and what becomes of the result: what the command line says, else what an object says.
pub(super) fn entry(
    inputs: &[&Input<'_>],
    symbols: &Symbols<'_>,
    named: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Option<(Definition, EntryResult)> {
    if let Some(name) = named {
        let found = symbols.find(name).filter(|one| symbols::function(inputs, *one).is_some_and(|f| f.name == name));
        if found.is_none() {
            problems.push(Problem::UnknownEntry { name: name.to_owned(), near: near_entry(inputs, name) });
        }
        return found.map(|definition| (definition, result_of(inputs, definition)));
    }
    let said = inputs.iter().enumerate().filter_map(|(input, from)| {
        let entry = from.module.entry()?;
        Some((Definition { input, function: entry.function }, entry.result))
    });
    let said: Vec<_> = said.collect();
    match said.as_slice() {
        [one] => return Some(*one),
        [] => {
            let is_main = |(_, one): &(&str, Definition)| {
                symbols::function(inputs, *one).is_some_and(|function| function.signature.name == "main")
            };
            let mut mains: Vec<(&str, Definition)> = symbols.keys().filter(is_main).collect();
            mains.sort_unstable_by_key(|(key, _)| *key);
            let mains = mains.into_iter().map(|(_, one)| Site::of(inputs, one)).collect();
            problems.push(Problem::NoEntry { mains });
        }
        [(first, _), (second, _), ..] => {
            let (first, second) = (Site::of(inputs, *first), Site::of(inputs, *second));
            // Two that are one function are told as such.
            if first.signature.parameters != second.signature.parameters {
                problems.push(Problem::Entries { first, second });
            }
        }
    }
    None
}

/// An int is the exit status, as the compiler has it.
fn result_of(inputs: &[&Input<'_>], entry: Definition) -> EntryResult {
    let result = symbols::function(inputs, entry).and_then(|function| function.signature.result.cloned());
    match result {
        Some(Type::Scalar(Tag::Int)) => EntryResult::Status,
        _ => EntryResult::Print,
    }
}

/// The mangled name that may have been meant: of the same function, else one that is spelled nearly so.
fn near_entry(inputs: &[&Input<'_>], name: &str) -> Option<String> {
    let mut names: Vec<&str> =
        inputs.iter().flat_map(|input| input.module.functions().map(|function| function.name)).collect();
    names.sort_unstable();
    let same = names.iter().find(|other| path(other) == path(name)).copied();
    same.or_else(|| near(name, names.iter().copied())).map(str::to_owned)
}
