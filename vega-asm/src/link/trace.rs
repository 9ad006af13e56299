//! Who defines a function and who calls it: `--trace-symbol`.

use super::problem::{Site, Warning};
use super::report::{name, place};
use super::resolve::near_entry;
use super::{Definition, Input, Plan};
use crate::meant::is_meant;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use vega_format::container::{Function, ImportKind};
use vega_format::instruction::{Space, indexes};
use vega_format::mangle;
use vega_format::parsed::CallTarget;
use vega_report::quote;

/// A definition of a function, or that one calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    /// An object defines it.
    Definition(Site),
    /// It is one of the host, of this readable name.
    Host(String),
    /// A function calls it.
    Call {
        /// Who, and where.
        site: Site,
        /// What is called.
        called: Callee,
    },
}

/// What is called, by its readable names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callee {
    /// As it is written.
    name: String,
    /// What it stands for, if that is something else.
    stands_for: Option<String>,
}

impl Plan<'_> {
    /// The definitions of the functions of this name, and then those who call them: each with its first call.
    pub fn trace(&self, wanted: &str) -> Vec<Trace> {
        let definitions = self.symbols().named(&self.inputs, wanted).into_iter();
        let definitions = definitions.map(|one| Trace::Definition(Site::of(&self.inputs, one)));
        let imports = self.inputs.iter().flat_map(|input| input.module.imports());
        let hosts = imports.filter(|import| import.kind == ImportKind::Host && is_meant(wanted, import.name));
        let hosts: BTreeSet<String> = hosts.map(|import| import.signature.to_string()).collect();
        let calls = (0..).zip(&self.inputs).flat_map(|(input, from)| self.calls_in(input, from, wanted));
        definitions.chain(hosts.into_iter().map(Trace::Host)).chain(calls).collect()
    }

    /// The calls in an input.
    fn calls_in(&self, input: u32, from: &Input<'_>, wanted: &str) -> Vec<Trace> {
        let own = from.module.functions().filter(|function| is_meant(wanted, function.name));
        let own = own.map(|function| (function.index, readable(function.name)));
        let own: BTreeMap<u32, Callee> = own.map(|(index, name)| (index, Callee { name, stands_for: None })).collect();
        let imports = (0..).zip(from.module.imports()).filter_map(|(index, import)| {
            let called = self.options.renames.called(import.name).ok().filter(|_| import.kind == ImportKind::Module);
            let stands_for = called.filter(|name| name != import.name);
            let is_it = is_meant(wanted, import.name) || stands_for.as_ref().is_some_and(|name| is_meant(wanted, name));
            let stands_for = stands_for.as_deref().map(readable);
            is_it.then(|| (index, Callee { name: readable(import.name), stands_for }))
        });
        let imports: BTreeMap<u32, Callee> = imports.collect();
        if own.is_empty() && imports.is_empty() {
            return Vec::new();
        }
        let calls = from.module.functions().flat_map(|caller| {
            let mut first: BTreeMap<&str, (u32, &Callee)> = BTreeMap::new();
            for (offset, target) in calls(from, &caller) {
                let called = match target {
                    CallTarget::Function(function) => own.get(&function),
                    CallTarget::Import(import) => imports.get(&import),
                };
                called.into_iter().for_each(|called| _ = first.entry(&called.name).or_insert((offset, called)));
            }
            first.into_values().map(move |(offset, called)| {
                let line = from.module.source_line(caller.index, offset);
                let line = line.map(|(source, line)| (source.to_owned(), line));
                let site = Site::of(&self.inputs, Definition { file: input, function: caller.index });
                Trace::Call { site: Site { line, ..site }, called: called.clone() }
            })
        });
        calls.collect()
    }

    /// That an option names a function that is not there.
    pub fn nothing(&self, option: &'static str, wanted: &str) -> Warning {
        Warning::Nothing { option, name: wanted.to_owned(), near: near_entry(&self.inputs, wanted) }
    }
}

/// What a function calls, with the offset of each call.
fn calls(from: &Input<'_>, caller: &Function<'_>) -> impl Iterator<Item = (u32, CallTarget)> {
    let function = caller.index;
    indexes(caller.code).map_while(Result::ok).filter_map(move |index| {
        let target = match index.space {
            Space::Functions => from.module.call_target(function, index.offset, index.value),
            Space::Imports => CallTarget::Import(index.value),
            _ => return None,
        };
        Some((index.offset, target))
    })
}

fn readable(mangled: &str) -> String {
    mangle::parse(mangled).map_or_else(|_| mangled.to_owned(), |signature| signature.to_string())
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trace::Definition(site) => write!(f, "{}: definition of {}", place(site), name(site)),
            Trace::Host(name) => write!(f, "the host has `{}`", quote(name)),
            Trace::Call { site, called: Callee { name: called, stands_for } } => {
                write!(f, "{}: call of `{}`", place(site), quote(called))?;
                if let Some(other) = stands_for {
                    write!(f, ", which stands for `{}`,", quote(other))?;
                }
                write!(f, " by {}", name(site))
            }
        }
    }
}
