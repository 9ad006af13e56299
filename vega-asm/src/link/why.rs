//! Why a function is in the output, or is not: the shortest chain of calls that leads to it from a root.

use super::problem::Site;
use super::reach::calls;
use super::report::{name, place};
use super::{Definition, Plan, symbols};
use foldhash::fast::RandomState;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use vega_format::mangle;
use vega_format::text::line_of;

/// Why a function is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The mangled name.
    pub function: String,
    /// Its readable name, and the file and line that declare it.
    pub declared: String,
    /// From a root on, each function with the place where it calls the next; the last is the one that is asked for.
    /// Nothing if it is left out.
    pub chain: Vec<Link>,
    /// The function that stands for it, which is the same, as `declared` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
}

/// A function on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Its readable name, and the file and line that declare it.
    pub declared: String,
    /// The line on which it calls the next one, or the offset in its code; nothing of the last.
    pub calls_at: Option<String>,
}

/// Who calls each function first, and at which offset of its code.
pub(super) type Callers = HashMap<Definition, Option<(Definition, u32)>, RandomState>;

impl Plan<'_> {
    /// Why the functions of this name are there, or are not; none if there is none of this name.
    pub fn why(&self, wanted: &str) -> Vec<Why> {
        let wanted = self.symbols().named(&self.inputs, self.options.renames.meant(wanted));
        let callers = self.breadth_first();
        wanted.into_iter().map(|one| self.chain(one, &callers)).collect()
    }

    /// Who calls each function that the roots reach first, and where; roots are called by nobody.
    pub(super) fn breadth_first(&self) -> Callers {
        let mut callers: Callers = self.roots.iter().map(|root| (*root, None)).collect();
        let mut work: VecDeque<Definition> = self.roots.iter().copied().collect();
        while let Some(caller) = work.pop_front() {
            for (offset, callee) in calls(&self.inputs, &self.resolved, caller) {
                callers.entry(callee).or_insert_with(|| {
                    work.push_back(callee);
                    Some((caller, offset))
                });
            }
        }
        callers
    }

    /// The shortest chain that leads to a function.
    fn chain(&self, one: Definition, callers: &Callers) -> Why {
        let chain = callers.get(&one).map(|caller| self.links(one, *caller, callers)).unwrap_or_default();
        let function = symbols::function(&self.inputs, one).map(|function| function.name.to_owned());
        let site = Site::of(&self.inputs, one);
        Why {
            function: function.unwrap_or_else(|| mangle::mangle(&site.signature)),
            declared: self.declared(one),
            chain,
            same_as: self.folds.of(one).map(|other| self.declared(other)),
        }
    }

    /// The chain that leads to a function by a call of an input; where that is not reached, or calls it only through
    /// others, the shortest.
    pub(super) fn chain_through(&self, input: u32, one: Definition, callers: &Callers) -> Vec<Link> {
        let count = self.inputs.get(input as usize).map_or(0, |input| input.module.function_count());
        let there = (0..count).map(|function| Definition { file: input, function });
        let reached = there.filter(|caller| callers.contains_key(caller));
        let through = reached.flat_map(|caller| {
            let calls = calls(&self.inputs, &self.resolved, caller).into_iter();
            calls.filter(|(_, callee)| *callee == one).map(move |(offset, _)| (caller, offset))
        });
        let through = through.map(|call| self.links(one, Some(call), callers)).min_by_key(Vec::len);
        through.unwrap_or_else(|| self.chain(one, callers).chain)
    }

    /// From a root to a function that is called there.
    fn links(&self, one: Definition, called: Option<(Definition, u32)>, callers: &Callers) -> Vec<Link> {
        let mut chain = vec![Link { declared: self.declared(one), calls_at: None }];
        let mut called = called;
        while let Some((caller, offset)) = called {
            let module = self.inputs.get(caller.file as usize).map(|input| &input.module);
            let line = module.and_then(|module| module.source_line(caller.function, offset));
            let at = line.map_or_else(|| format!("code 0x{offset:04x}"), |(source, line)| line_of(source, line));
            chain.push(Link { declared: self.declared(caller), calls_at: Some(at) });
            called = callers.get(&caller).copied().flatten();
        }
        chain.reverse();
        chain
    }

    fn declared(&self, one: Definition) -> String {
        let site = Site::of(&self.inputs, one);
        format!("{} of {}", name(&site), place(&site))
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.chain.as_slice() {
            [] => writeln!(f, "{} is left out: no call leads to it", self.declared),
            [only] => writeln!(f, "{} is kept: it is the entry, or exported, or named by `--undefined`", only.declared),
            chain => {
                match &self.same_as {
                    Some(other) => writeln!(f, "{} is the same as {other}, which stands for it:", self.declared)?,
                    None => writeln!(f, "{} is kept:", self.declared)?,
                }
                for link in chain {
                    match &link.calls_at {
                        Some(at) => writeln!(f, "  {}, calls at {}", link.declared, vega_report::quote(at))?,
                        None => writeln!(f, "  {}", link.declared)?,
                    }
                }
                Ok(())
            }
        }
    }
}
