//! Who defines a function and who calls it: `--trace-symbol`.

use super::Plan;
use super::problem::{Site, Warning};
use super::report::{name, place};
use super::resolve::{callers, near_entry};
use crate::meant::is_meant;
use std::fmt;
use vega_format::container::ImportKind;

/// A definition of a function, or that an object calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    site: Site,
    /// The readable name that is called; nothing of the definition.
    called: Option<String>,
}

impl Plan<'_> {
    /// The definitions of the functions of this name, and then those who call them from other objects.
    pub fn trace(&self, wanted: &str) -> Vec<Trace> {
        let definitions = self.symbols().named(&self.inputs, wanted).into_iter();
        let definitions = definitions.map(|one| Trace { site: Site::of(&self.inputs, one), called: None });
        let calls = (0..).zip(&self.inputs).flat_map(|(input, from)| {
            let imports = (0..).zip(from.module.imports());
            let called =
                imports.filter(|(_, import)| import.kind == ImportKind::Module && is_meant(wanted, import.name));
            called.flat_map(move |(index, import)| {
                let called = Some(import.signature.to_string());
                callers(&self.inputs, input, index).map(move |site| Trace { site, called: called.clone() })
            })
        });
        definitions.chain(calls).collect()
    }

    /// That an option names a function that is not there.
    pub fn nothing(&self, option: &'static str, wanted: &str) -> Warning {
        Warning::Nothing { option, name: wanted.to_owned(), near: near_entry(&self.inputs, wanted) }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.called {
            None => write!(f, "{}: definition of {}", place(&self.site), name(&self.site)),
            Some(called) => {
                let called = vega_report::quote(called);
                write!(f, "{}: call of `{called}` by {}", place(&self.site), name(&self.site))
            }
        }
    }
}
