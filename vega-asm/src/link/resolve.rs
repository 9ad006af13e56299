//! What each import is, and where the program starts.

use super::problem::{Missing, Problem, Problems, Site, Warning};
use super::rename::REAL;
use super::symbols::{self, Symbols, path};
use super::{Definition, Input, Options, Output, Renames};
use crate::meant::is_meant;
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use vega_format::container::{EntryResult, ImportKind};
use vega_format::join::Called;
use vega_format::mangle::mangle;
use vega_format::rows::Rows;
use vega_format::types::{Tag, Type};
use vega_report::near;

/// More callers of a function are not looked for.
const MOST_CALLERS: usize = 1_000;

/// More names are not compared with one that nobody has, but for those of its module.
const MOST_NEAR: usize = 10_000;

/// More names are not compared for all that nobody has.
const MOST_COMPARED: usize = 4 << 20;

/// What the imports of each input are, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Resolved<'i> {
    pub(super) imports: Rows<Called>,
    elsewhere: Vec<Cow<'i, str>>,
}

impl<'i> Resolved<'i> {
    /// What an import of an input is.
    pub(super) fn target(&self, input: u32, import: u32) -> Option<&Called> {
        self.imports.get(input, import)
    }

    /// The mangled names of the functions that no input has, by their numbers.
    pub(super) fn elsewhere(&self) -> impl Iterator<Item = &str> {
        self.elsewhere.iter().map(AsRef::as_ref)
    }
}

/// Resolves; what is not there is told once, with all who want it.
pub(super) fn resolve<'i>(
    inputs: &[&'i Input<'i>],
    symbols: &Symbols<'_>,
    options: &'i Options,
    problems: &mut Problems,
    warnings: &mut Vec<Warning>,
) -> Resolved<'i> {
    let renames = &options.renames;
    let mut unresolved: Unresolved<'_> = Unresolved::default();
    let count = inputs.iter().map(|input| input.module.import_count() as usize).sum();
    let mut imports = Rows::with_capacity(inputs.len(), count);
    for (input, from) in (0..).zip(inputs) {
        for (index, (kind, name)) in (0..).zip(from.module.outlined_imports()) {
            if kind == ImportKind::Host {
                imports.push(Called::Host);
                continue;
            }
            // Mostly a name is its own, and found.
            let quick = if renames.is_empty() { symbols.find_exported(name) } else { None };
            if let Some(function) = quick {
                imports.push(Called::Function(function));
                continue;
            }
            let name = core::str::from_utf8(name).unwrap_or_default();
            let (name, other) =
                renames.called(name).map_or_else(|other| (name.into(), Some(other)), |name| (name, None));
            let found = if other.is_none() { symbols.find_exported(name.as_bytes()) } else { None };
            imports.push(match found {
                Some(function) => Called::Function(function),
                None => Called::Elsewhere(unresolved.add((name, other), (input, index))),
            });
        }
        imports.close();
    }
    names_of_options(inputs, symbols, options, problems, warnings);
    let names = if unresolved.names.is_empty() { Names::default() } else { Names::of(symbols) };
    let elsewhere = unresolved.names.iter().map(|((name, _), _)| name.clone()).collect();
    let mut told = unresolved.names;
    told.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    // What an object does not have is left to the next link; what is wrong will not become right.
    let is_wrong = |(name, other): &Wanted<'_>| {
        options.output != Output::Object || other.is_some() || symbols.find(name).is_some()
    };
    for (name, who) in told.iter().filter(|(name, _)| is_wrong(name)) {
        problems.add(|| missing(inputs, symbols, &names, name, who));
    }
    Resolved { imports, elsewhere }
}

/// An input, and the number of an import of it.
type Import = (u32, u32);

/// What is called, and the function that it was to be and cannot be, if there is one.
type Wanted<'i> = (Cow<'i, str>, Option<&'i str>);

/// The imports that nobody defines, with who wants them.
#[derive(Default)]
struct Unresolved<'i> {
    places: HashMap<Wanted<'i>, u32, RandomState>,
    names: Vec<(Wanted<'i>, Vec<Import>)>,
}

impl<'i> Unresolved<'i> {
    /// Adds who wants it; gives the number of the name.
    fn add(&mut self, name: Wanted<'i>, who: Import) -> u32 {
        let next = self.names.len() as u32;
        let place = *self.places.entry(name.clone()).or_insert(next);
        if place == next {
            self.names.push((name, Vec::new()));
        }
        self.names.get_mut(place as usize).into_iter().for_each(|(_, all)| all.push(who));
        place
    }
}

/// The names of all functions, for who looks for one that is not there.
#[derive(Default)]
struct Names<'s> {
    overloads: HashMap<&'s str, Vec<(&'s str, Definition)>, RandomState>,
    paths: Vec<&'s str>,
    /// How many more may be compared with what nobody has.
    left: Cell<usize>,
}

impl<'s> Names<'s> {
    fn of(symbols: &Symbols<'s>) -> Names<'s> {
        let mut names = Names { left: Cell::new(MOST_COMPARED), ..Names::default() };
        for (key, definition) in symbols.keys() {
            names.overloads.entry(path(key)).or_default().push((key, definition));
        }
        names.overloads.values_mut().for_each(|all| all.sort_unstable_by_key(|(key, _)| *key));
        names.paths = names.overloads.keys().copied().collect();
        names.paths.sort_unstable();
        names
    }
}

/// What is the matter with a function that cannot be had.
fn missing(
    inputs: &[&Input<'_>],
    symbols: &Symbols<'_>,
    names: &Names<'_>,
    (name, other): &Wanted<'_>,
    who: &[Import],
) -> Option<Problem> {
    let import = |(input, import): &Import| inputs.get(*input as usize)?.module.import(*import);
    let mut wanted = who.first().and_then(import)?.signature.to_owned();
    let definition = other.and_then(|other| symbols.named(inputs, other).first().copied());
    let other = definition.map(|definition| Site::of(inputs, definition));
    wanted.name = other.as_ref().map_or_else(|| path(name).to_owned(), |other| other.signature.name.clone());
    let mut written = who.iter().filter_map(import).map(|import| import.signature.name);
    let written = written.find(|written| *written != wanted.name).map(str::to_owned);
    let callers = who.iter().flat_map(|(input, import)| callers(inputs, *input, *import)).take(MOST_CALLERS).collect();
    let missing = Missing { wanted, written, callers };
    if let Some(found) = other {
        return Some(Problem::Mismatch { missing, found });
    }
    if let Some(definition) = symbols.find(name) {
        let found = Site::of(inputs, definition);
        let is_same = found.signature.result == missing.wanted.result;
        return Some(match is_same {
            true => Problem::Private { missing, found },
            false => Problem::Mismatch { missing, found },
        });
    }
    let overloads = names.overloads.get(path(name)).map(Vec::as_slice).unwrap_or_default();
    let overloads: Vec<Site> = overloads.iter().map(|(_, definition)| Site::of(inputs, *definition)).collect();
    // The only function of this name is meant, and was other when the caller was compiled.
    if let [found] = overloads.as_slice() {
        return Some(Problem::Mismatch { missing, found: found.clone() });
    }
    let module = symbols::module(name);
    let others = names.paths.iter().find(|path| symbols::module(path) == module && !module.is_empty());
    let others = others.and_then(|path| names.overloads.get(path)?.first());
    let module_file = others.map(|(_, definition)| Site::of(inputs, *definition).file);
    let alone = name.strip_prefix(module).and_then(|rest| symbols.find(rest.strip_prefix('.')?));
    let alone = alone.map(|definition| Site::of(inputs, definition));
    let near = if overloads.is_empty() { near_name(inputs, names, path(name)) } else { None };
    Some(Problem::Undefined { missing, overloads, near, module_file, alone })
}

/// The exported function whose name may have been meant: of the same module, or if that is not there, of one of nearly its name.
fn near_name(inputs: &[&Input<'_>], names: &Names<'_>, wanted: &str) -> Option<String> {
    fn last(path: &str) -> &str {
        path.rsplit_once('.').map_or(path, |(_, last)| last)
    }
    let left = names.left.get().checked_sub(names.paths.len())?;
    names.left.set(left);
    let exported = |(_, one): &(&str, Definition)| symbols::function(inputs, *one).is_some_and(|f| f.exported);
    let is_offered = |path: &&str| names.overloads.get(path).is_some_and(|all| all.iter().any(exported));
    let offered = names.paths.iter().copied().filter(is_offered);
    let module = symbols::module(wanted);
    let (own, others): (Vec<&str>, Vec<&str>) = offered.partition(|path| symbols::module(path) == module);
    if own.is_empty() {
        let is_near = |path: &&str| near(module, [symbols::module(path)]).is_some();
        return near(wanted, others.into_iter().take(MOST_NEAR).filter(is_near)).map(str::to_owned);
    }
    // In one module the names alone tell them apart.
    let in_module = near(last(wanted), own.into_iter().map(last));
    in_module.map(|name| if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") })
}

/// The lines on which functions of an input call an import, each once.
fn callers<'i>(inputs: &'i [&Input<'_>], input: u32, import: u32) -> impl Iterator<Item = Site> + use<'i> {
    let module = inputs.get(input as usize).map(|input| &input.module);
    let mut calls = module.into_iter().flat_map(|module| module.relocations());
    let mut calls = core::iter::from_fn(move || calls.find(|call| call.import == import)).peekable();
    let mut end = 0;
    let functions = module.into_iter().flat_map(|module| module.functions().map(move |function| (module, function)));
    functions.flat_map(move |(module, function)| {
        let start = end;
        end += function.code.len() as u32;
        let of_function = core::iter::from_fn(|| calls.next_if(|call| call.offset < end));
        // The relocation is at the operand, behind the byte that says that it is a call.
        let lines = of_function.map(|call| module.source_line(function.index, call.offset - start));
        let mut lines: Vec<Option<(&str, u32)>> = lines.collect();
        lines.dedup();
        let site = move |line: Option<(&str, u32)>| {
            let line = line.map(|(source, line)| (source.to_owned(), line));
            Site { line, ..Site::of(inputs, Definition { file: input, function: function.index }) }
        };
        lines.into_iter().map(site).collect::<Vec<_>>()
    })
}

/// Whether what options name is there: a name that stands for another is nobody's own, and what is wrapped is somebody's.
fn names_of_options(
    inputs: &[&Input<'_>],
    symbols: &Symbols<'_>,
    options: &Options,
    problems: &mut Problems,
    warnings: &mut Vec<Warning>,
) {
    let Renames { wrapped, aliases } = &options.renames;
    for name in wrapped {
        // Calls inside an object stay what they are.
        if !imports(inputs).any(|called| is_meant(name, called)) {
            let called = imports(inputs).filter(|called| !called.starts_with(REAL));
            let near = nearest(called.collect(), name);
            warnings.push(Warning::Uncalled { option: "--wrap", name: name.clone(), near });
        }
    }
    for (place, (alias, target)) in aliases.iter().enumerate() {
        let mut before = aliases.iter().take(place);
        if let Some((_, first)) = before.find(|(name, other)| name == alias && other != target) {
            let (name, first, second) = (alias.clone(), first.clone(), target.clone());
            problems.push(Problem::TwoMeanings { name, first, second });
        }
        if let Some(found) = symbols.named(inputs, alias).first() {
            problems.push(Problem::Taken { name: alias.clone(), found: Site::of(inputs, *found) });
        }
        let is_first = aliases.iter().take(place).all(|(name, _)| name != alias);
        let is_target = aliases.iter().any(|(_, target)| target == alias);
        if is_first && !is_target && !imports(inputs).any(|name| is_meant(alias, &options.renames.unwrapped(name))) {
            let near = nearest(imports(inputs).collect(), alias);
            warnings.push(Warning::Uncalled { option: "--defsym", name: alias.clone(), near });
        }
        if !aliases.iter().any(|(alias, _)| alias == target) {
            named(inputs, symbols, "--defsym", &[target], warnings);
        }
    }
}

/// The mangled names of the functions that objects want of each other.
fn imports<'i>(inputs: &[&'i Input<'i>]) -> impl Iterator<Item = &'i str> {
    let imports = inputs.iter().flat_map(|input| input.module.outlined_imports());
    let imports = imports.filter(|(kind, _)| *kind == ImportKind::Module);
    imports.filter_map(|(_, name)| core::str::from_utf8(name).ok())
}

/// The functions of these names, which an option gives.
pub(super) fn named(
    inputs: &[&Input<'_>],
    symbols: &Symbols<'_>,
    option: &'static str,
    names: &[&str],
    warnings: &mut Vec<Warning>,
) -> Vec<Definition> {
    let mut found = Vec::new();
    for name in names {
        let named = symbols.named(inputs, name);
        if named.is_empty() {
            let near = near_entry(inputs, name);
            warnings.push(Warning::Nothing { option, name: (*name).to_owned(), near });
        }
        found.extend(named);
    }
    found
}

/// What every program starts with is called.
pub(super) const MAIN: &str = "main";

/// Where the program starts, and what becomes of the result: what the command line says, else what an object says.
pub(super) fn entry(
    inputs: &[&Input<'_>],
    symbols: &Symbols<'_>,
    named: Option<&str>,
    problems: &mut Problems,
) -> Option<(Definition, EntryResult)> {
    if let Some(name) = named {
        let found = symbols.named(inputs, name);
        return match found.as_slice() {
            [one] => {
                let site = Site::of(inputs, *one);
                if site.signature.name != MAIN {
                    problems.push(Problem::NotMain(site));
                }
                Some((*one, result_of(inputs, *one)))
            }
            // One of two of this name is there, which was told.
            [] if problems.told.iter().any(|problem| is_twin(problem, name)) => None,
            [] => {
                problems.push(Problem::UnknownEntry { name: name.to_owned(), near: near_entry(inputs, name) });
                None
            }
            several => {
                let mut sites: Vec<Site> = several.iter().map(|one| Site::of(inputs, *one)).collect();
                problems.push(match sites.first().is_some_and(|site| site.signature.name == MAIN) {
                    true => Problem::Ambiguous { name: name.to_owned(), sites },
                    false => Problem::NotMain(sites.swap_remove(0)),
                });
                None
            }
        };
    }
    let entry = only_entry(inputs, problems);
    if entry.is_none() && said(inputs).next().is_none() {
        let is_main = |(_, one): &(&str, Definition)| {
            symbols::function(inputs, *one).is_some_and(|function| function.signature.name == MAIN)
        };
        let mut mains: Vec<(&str, Definition)> = symbols.keys().filter(is_main).collect();
        mains.sort_unstable_by_key(|(key, _)| *key);
        let mains = mains.into_iter().map(|(_, one)| Site::of(inputs, one)).collect();
        problems.push(Problem::NoEntry { mains });
    }
    entry
}

/// Whether a function of this name stands back behind another that takes the same.
fn is_twin(problem: &Problem, name: &str) -> bool {
    matches!(problem, Problem::Duplicate { second, .. } if mangle(&second.signature) == name)
}

/// Where the objects say that the program starts.
fn said(inputs: &[&Input<'_>]) -> impl Iterator<Item = (Definition, EntryResult)> {
    (0..).zip(inputs).filter_map(|(input, from)| {
        let entry = from.module.entry()?;
        Some((Definition { file: input, function: entry.function }, entry.result))
    })
}

/// Where an object says that the program starts, if one does.
pub(super) fn only_entry(inputs: &[&Input<'_>], problems: &mut Problems) -> Option<(Definition, EntryResult)> {
    let said: Vec<_> = said(inputs).collect();
    match said.as_slice() {
        [one] => return Some(*one),
        [] => {}
        several => {
            let mut sites: Vec<Site> = several.iter().map(|(one, _)| Site::of(inputs, *one)).collect();
            // Two that are one function are told as such.
            sites.dedup_by(|one, other| one.signature.parameters == other.signature.parameters);
            if sites.len() > 1 {
                problems.push(Problem::Entries(sites));
            }
        }
    }
    None
}

/// What its object says; where that does not, an int is the exit status, as the compiler has it.
fn result_of(inputs: &[&Input<'_>], entry: Definition) -> EntryResult {
    if let Some((_, result)) = said(inputs).find(|(one, _)| *one == entry) {
        return result;
    }
    let result = symbols::function(inputs, entry).and_then(|function| function.signature.result.cloned());
    match result {
        Some(Type::Scalar(Tag::Int)) => EntryResult::Status,
        _ => EntryResult::Print,
    }
}

/// The name that may have been meant: of the same function, else one that is spelled nearly so.
pub(super) fn near_entry(inputs: &[&Input<'_>], name: &str) -> Option<String> {
    nearest(inputs.iter().flat_map(|input| input.module.functions().map(|function| function.name)).collect(), name)
}

fn nearest(mut names: Vec<&str>, name: &str) -> Option<String> {
    names.sort_unstable();
    let last = |name| path(name).rsplit('.').next();
    let overloads = || names.iter().copied().filter(|other| path(other) == path(name));
    let of_types = || overloads().find(|other| is_meant(symbols::key(name), other));
    let same = of_types().or_else(|| near(name, overloads())).or_else(|| overloads().next());
    let same = same.or_else(|| names.iter().copied().find(|other| last(other) == last(name)));
    let close = || near(name, names.iter().copied().take(MOST_NEAR));
    let close_path = || near(path(name), names.iter().take(MOST_NEAR).map(|name| path(name)));
    same.or_else(close).or_else(close_path).map(str::to_owned)
}
