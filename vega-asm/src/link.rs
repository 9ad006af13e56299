//! Several objects → one program, library or larger object.
//!
//! The way: [`symbols`] finds who defines what, [`layouts`] and [`hosts`] whether all mean the same structs and functions of
//! the host, [`resolve`] what each import is and where the program starts, [`reach`] what can be called from there, [`fold`]
//! which functions are one; that is the [`Plan`]. [`join`] takes over just that, and the module is judged as any other. Since names carry types, a
//! call that is resolved is a call whose types are right.
//!
//! The same objects give the same bytes, whatever their order and however many threads there are. What is wrong is told as
//! data, all of it at once and in an order of its own; [`report`] has the words. Work is linear in what the objects hold,
//! and nothing recurses. A plan can be looked at, whether or not it can be carried out: [`map`], [`why`].
//! `spec/linking.md` has the rules. Files are read and written by the command.

pub mod budget;
pub mod map;
pub mod problem;
pub mod report;
pub mod trace;
pub mod why;

mod draft;
mod fold;
mod hosts;
mod join;
mod layouts;
mod offered;
mod promise;
mod reach;
mod rename;
mod resolve;
mod symbols;

pub use draft::Draft;
pub use problem::{Problem, Site, Unread, Warning};
pub use rename::Renames;
pub(crate) use symbols::{key, path};

use fold::Folds;
use foldhash::fast::RandomState;
use problem::Problems;
use resolve::Resolved;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use symbols::Symbols;
use vega_format::budget::Budget;
use vega_format::container::{EntryResult, Kind, SectionId};
use vega_format::join::{Definition, Pick};
use vega_format::verify::check_claims;
use vega_format::{Parsed, Verified};

/// What is linked, and what messages call it.
#[derive(Debug)]
pub struct Input<'a> {
    /// A path, or the name of a module that came with the compiler.
    pub name: Cow<'a, str>,
    /// The object.
    pub module: Parsed<'a>,
}

/// What is to be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Output {
    /// A program: it has an entry.
    #[default]
    Program,
    /// A library: without an entry, and with every exported function of every object.
    Library,
    /// One object that stands for all of them. What none of them defines is left to the next link.
    Object,
}

/// What is to be made, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What is made.
    pub output: Output,
    /// The function with which the program starts, if it is not the one that an object says.
    pub entry: Option<String>,
    /// Whether lines and names are left out.
    pub strip_debug: bool,
    /// Whether functions are kept that nothing calls. An object always has all.
    pub keep_all: bool,
    /// Whether functions that are the same but for their names become one.
    pub fold: bool,
    /// Functions that are kept as if they were called.
    pub wanted: Vec<String>,
    /// Inputs, by name, that are there to be called: a library does not offer what they export.
    pub along: BTreeSet<String>,
    /// What is to be linked, too, and cannot be read.
    pub unread: Vec<Unread>,
    /// Functions that are called by other names than their own.
    pub renames: Renames,
    /// What the metadata say made the module.
    pub producer: String,
    /// How many threads may work on it; nothing depends on it.
    pub threads: usize,
    /// How many problems are told, 0 for all; [`MOST`](problem::MOST) if nothing is said.
    pub error_limit: Option<usize>,
}

impl Options {
    fn most(&self) -> usize {
        match self.error_limit {
            Some(0) => usize::MAX,
            limit => limit.unwrap_or(problem::MOST),
        }
    }
}

/// What is going to be in the output, as far as that can be said.
#[derive(Debug)]
pub struct Plan<'i> {
    inputs: Vec<&'i Input<'i>>,
    options: &'i Options,
    resolved: Resolved<'i>,
    entry: Option<(Definition, EntryResult)>,
    /// The functions that stay exported, if not all that are.
    exported: Option<HashSet<Definition, RandomState>>,
    roots: Vec<Definition>,
    /// What is kept, by name, and whether it stays exported.
    live: Vec<Pick>,
    folds: Folds,
    /// What stands in the way.
    pub problems: Vec<Problem>,
    /// How many more problems there are.
    pub untold: usize,
    /// Whether all inputs are among those that are linked.
    pub is_whole: bool,
    /// What is odd.
    pub warnings: Vec<Warning>,
}

/// Links.
///
/// # Errors
/// All that stands in the way.
pub fn link(inputs: &[Input<'_>], options: &Options) -> Result<Verified, Vec<Problem>> {
    Plan::new(inputs, options, &mut |_| {}).module()
}

impl<'i> Plan<'i> {
    /// Plans. Each step is named to `step` when it begins.
    pub fn new(inputs: &'i [Input<'i>], options: &'i Options, step: &mut dyn FnMut(&'static str)) -> Plan<'i> {
        step("symbols");
        let (inputs, strangers) = objects(inputs, &options.unread);
        let mut problems = Problems::new(options.most());
        let mut warnings = Vec::new();
        let symbols = symbols::collect(&inputs, &mut problems);
        step("layouts");
        layouts::agree(&inputs, &mut problems);
        hosts::agree(&inputs, &mut problems);
        step("resolve");
        let resolved = resolve::resolve(&inputs, &symbols, options, &mut problems, &mut warnings);
        let entry = match options.output {
            Output::Library => None,
            Output::Program => resolve::entry(&inputs, &symbols, options.entry.as_deref(), &mut problems),
            Output::Object if options.entry.is_none() => resolve::only_entry(&inputs, &mut problems),
            Output::Object => resolve::entry(&inputs, &symbols, options.entry.as_deref(), &mut problems),
        };
        let mut roots = exported(&inputs, options, entry);
        let are_some = match options.output {
            Output::Program => true,
            Output::Library => !options.along.is_empty(),
            Output::Object => false,
        };
        let exported: Option<HashSet<Definition, RandomState>> = are_some.then(|| roots.iter().copied().collect());
        roots.extend(entry.map(|(start, _)| start));
        let wanted: Vec<&str> = options.wanted.iter().map(|name| options.renames.meant(name)).collect();
        roots.extend(resolve::named(&inputs, &symbols, "--undefined", &wanted, &mut warnings));
        left_out(&inputs, &mut warnings);
        step("reach");
        let keep_all = options.keep_all || options.output == Output::Object;
        let mut live = match (keep_all, entry.filter(|_| options.entry.is_some())) {
            (true, Some((start, _))) => reach::all_with_entry(&inputs, &symbols, &resolved, start),
            (true, None) => reach::all(&inputs, &symbols),
            (false, _) => reach::reach(&inputs, &resolved, &roots),
        };
        if let Some(exported) = &exported {
            for pick in &mut live {
                *pick = Pick::new(pick.definition(), exported.contains(&pick.definition()));
            }
        }
        if options.output == Output::Library && live.is_empty() {
            problems.push(Problem::Empty);
        }
        step("fold");
        let folds = match options.fold {
            true => fold::fold(&inputs, &resolved, &live, &roots),
            false => Folds::default(),
        };
        let is_whole = strangers.is_empty();
        if !is_whole {
            // What is missing would be in them.
            problems = Problems::new(options.most());
            strangers.into_iter().for_each(|stranger| problems.push(stranger));
        }
        let Problems { told: problems, untold, .. } = problems;
        Plan { inputs, options, resolved, entry, exported, roots, live, folds, problems, untold, is_whole, warnings }
    }

    /// Carries it out: the module, written and judged.
    ///
    /// # Errors
    /// All that stands in the way.
    pub fn module(&self) -> Result<Verified, Vec<Problem>> {
        if !self.problems.is_empty() {
            return Err(self.problems.clone());
        }
        let module = join::join(self, self.kind(), self.options.strip_debug)?;
        let broken = promise::broken(self, &module);
        if broken.is_empty() { Ok(module) } else { Err(broken) }
    }

    /// The module, written and not judged. It has nothing of the inputs, which can go.
    ///
    /// # Errors
    /// [`Plan::module`] needs the inputs to its end: something stands in the way, or there are promises to hold the module to.
    pub fn into_draft(self) -> Result<Draft, Box<Plan<'i>>> {
        match self.problems.is_empty() && !promise::are_some(&self) {
            true => Draft::of(&self).map_err(|problems| Plan { problems, ..self }.into()),
            false => Err(self.into()),
        }
    }

    /// The same without lines and names.
    ///
    /// # Errors
    /// As [`Plan::module`].
    pub fn without_debug(&self) -> Result<Verified, Vec<Problem>> {
        join::join(self, self.kind(), true)
    }

    /// What is known of the memory that a plan needs that cannot be carried out: that of what there is, as an object. Of two
    /// functions of a name it is not known which one is meant.
    pub fn partial(&self) -> Option<Budget<'static>> {
        if self.problems.iter().any(|problem| matches!(problem, Problem::Duplicate { .. })) {
            return None;
        }
        let module = join::join(self, Kind::Object, false).ok()?;
        let budget = if self.is_whole { Budget::of(module) } else { Budget::of_part(module) };
        Some(budget).filter(|budget| !budget.is_empty())
    }

    /// The functions by name. That is much, and wanted only by those who ask.
    fn symbols(&self) -> Symbols<'i> {
        symbols::collect(&self.inputs, &mut Problems::new(0))
    }

    fn kind(&self) -> Kind {
        match self.options.output {
            Output::Program => Kind::Program,
            Output::Library => Kind::Library,
            Output::Object => Kind::Object,
        }
    }

    /// What is kept, by name.
    fn live(&self) -> impl Iterator<Item = Definition> {
        self.live.iter().copied().map(Pick::definition)
    }

    /// Whether a function stays one that hosts and importers see.
    fn is_exported(&self, definition: Definition) -> bool {
        match &self.exported {
            Some(exported) => exported.contains(&definition),
            None => symbols::outlined(&self.inputs, definition).is_some_and(|function| function.exported),
        }
    }
}

/// The objects among the inputs, in an order that does not depend on how they were named first; and why others are none, by
/// name, with those that cannot be read. Their functions are judged in the output.
fn objects<'i>(inputs: &'i [Input<'i>], unread: &[Unread]) -> (Vec<&'i Input<'i>>, Vec<Problem>) {
    let mut inputs: Vec<&Input<'_>> = inputs.iter().collect();
    inputs.sort_by(|a, b| (&a.name, a.module.ids().whole.0).cmp(&(&b.name, b.module.ids().whole.0)));
    let problem = |input: &Input<'_>| match (input.module.kind(), check_claims(&input.module)) {
        (Kind::Object, None) => None,
        (Kind::Object, Some(error)) => Some(Problem::Refused { file: Some(input.name.to_string()), error }),
        (found, _) => Some(Problem::NoObject { file: input.name.to_string(), found }),
    };
    let unread = unread.iter().map(|unread| (&*unread.file, Problem::Unread(unread.clone().into())));
    let mut strangers: Vec<(&str, Problem)> = unread.collect();
    inputs.retain(|input| {
        let problem = problem(input);
        let is_linked = problem.is_none();
        strangers.extend(problem.map(|problem| (&*input.name, problem)));
        is_linked
    });
    strangers.sort_by_key(|(name, _)| *name);
    (inputs, strangers.into_iter().map(|(_, problem)| problem).collect())
}

/// What stays exported: of a program what the module of the entry exports, of a library nothing of the inputs that only
/// come along, else all that is.
fn exported(inputs: &[&Input<'_>], options: &Options, entry: Option<(Definition, EntryResult)>) -> Vec<Definition> {
    let start = entry.and_then(|(start, _)| symbols::function(inputs, start));
    let module = start.map(|start| symbols::module(start.name));
    let of_program = options.output == Output::Program;
    let stays = |name: &[u8]| !of_program || module.is_some_and(|module| symbols::is_of(name, module));
    let is_offered = |input: &Input<'_>| options.output != Output::Library || !options.along.contains(&*input.name);
    let offered = (0..).zip(inputs).filter(|(_, from)| is_offered(from));
    let exported = offered.flat_map(|(input, from)| {
        let exported = from.module.outlined_functions().filter(|function| function.exported && stays(function.name));
        exported.map(move |function| Definition { file: input, function: function.index })
    });
    exported.collect()
}

/// Sections that speak of the file in which they stand, and are not taken over; that what the compiler writes for importers
/// is of no use in a program goes without saying.
fn left_out(inputs: &[&Input<'_>], warnings: &mut Vec<Warning>) {
    for input in inputs {
        let known = [SectionId::Certificate, SectionId::Signature].into_iter();
        let known = known.filter(|id| !input.module.body(*id).is_empty()).map(|id| id.name().to_owned());
        let custom = input.module.custom_sections().filter(|section| !offered::is_offer(section));
        for section in known.chain(custom.map(|section| section.name.to_owned())) {
            warnings.push(Warning::Section { file: input.name.to_string(), section });
        }
    }
}
