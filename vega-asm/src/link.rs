//! Several objects → one program or library.
//!
//! The way: [`symbols`] finds who defines what, [`layouts`] whether all mean the same structs, [`resolve`] what each
//! import is and where the program starts, [`reach`] what can be called from there, [`merge`] takes over just that;
//! then the module is written and judged as any other. Since names carry types, a call that is resolved is a call whose
//! types are right.
//!
//! The same objects give the same bytes, whatever their order. What is wrong is told as data, all of it at once and in
//! an order of its own; [`report`] has the words. Work is linear in what the objects hold, and nothing recurses.
//! `spec/linking.md` has the rules. Files are read and written by the command.

pub mod problem;
pub mod report;

mod layouts;
mod merge;
mod reach;
mod resolve;
mod symbols;

pub use problem::{Problem, Site};

use vega_format::container::{EntryResult, Kind};
use vega_format::write::FinishError;
use vega_format::{Parsed, Verified};

/// What is linked, and what messages call it.
#[derive(Debug)]
pub struct Input<'a> {
    /// A path, or the name of a module that came with the compiler.
    pub name: String,
    /// The object.
    pub module: Parsed<'a>,
}

/// What is to be made.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A library: without an entry, and with every exported function of every object.
    pub library: bool,
    /// The mangled name of the function with which the program starts, if it is not the one that an object says.
    pub entry: Option<String>,
    /// Whether lines and names are left out.
    pub strip_debug: bool,
    /// What the metadata say made the module.
    pub producer: String,
}

/// A function of one of the inputs, which are numbered in their own order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Definition {
    input: usize,
    function: u32,
}

/// Links.
///
/// # Errors
/// All that stands in the way.
pub fn link(inputs: &[Input<'_>], options: &Options) -> Result<Verified, Vec<Problem>> {
    let inputs = in_own_order(inputs);
    objects_only(&inputs)?;
    let mut problems = Vec::new();
    let symbols = symbols::collect(&inputs, &mut problems);
    layouts::agree(&inputs, &mut problems);
    let resolved = resolve::resolve(&inputs, &symbols, &mut problems);
    let entry = match options.library {
        true => None,
        false => resolve::entry(&inputs, &symbols, options.entry.as_deref(), &mut problems),
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let roots = roots(&inputs, entry);
    let live = reach::reach(&inputs, &resolved, roots);
    let mut module = merge::merge(&inputs, &live, entry)?;
    options.producer.clone_into(&mut module.producer);
    if options.strip_debug {
        module.strip_debug();
    }
    module.finish().map_err(|error| refused(error, &inputs, &live))
}

/// The inputs in an order that does not depend on how they were named first.
fn in_own_order<'i, 'a>(inputs: &'i [Input<'a>]) -> Vec<&'i Input<'a>> {
    let mut inputs: Vec<&Input<'_>> = inputs.iter().collect();
    inputs.sort_by(|a, b| (&a.name, a.module.ids().whole.0).cmp(&(&b.name, b.module.ids().whole.0)));
    inputs
}

fn objects_only(inputs: &[&Input<'_>]) -> Result<(), Vec<Problem>> {
    let wrong = inputs.iter().filter(|input| input.module.kind() != Kind::Object);
    let problems: Vec<Problem> =
        wrong.map(|input| Problem::NoObject { file: input.name.clone(), found: input.module.kind() }).collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems),
    }
}

/// What must be there: the entry and what its object exports; of a library, all that is exported.
fn roots(inputs: &[&Input<'_>], entry: Option<(Definition, EntryResult)>) -> Vec<Definition> {
    let start = entry.map(|(start, _)| start);
    let from = inputs.iter().enumerate().filter(|(input, _)| start.is_none_or(|start| start.input == *input));
    let exported = from.flat_map(|(input, from)| {
        let exported = from.module.functions().filter(|function| function.exported);
        exported.map(move |function| Definition { input, function: function.index })
    });
    start.into_iter().chain(exported).collect()
}

/// What the writer or the verifier says; a refusal is of the file from which the function came.
fn refused(error: FinishError, inputs: &[&Input<'_>], live: &[Definition]) -> Vec<Problem> {
    let errors = match error {
        FinishError::Refused(errors) => errors,
        other => return vec![Problem::Unwritable(other)],
    };
    let file_of = |name: &str| {
        let found = live.iter().find(|one| symbols::function(inputs, **one).is_some_and(|found| found.name == name));
        found.and_then(|found| inputs.get(found.input)).map(|input| input.name.clone())
    };
    errors.into_iter().map(|error| Problem::Refused { file: file_of(&error.function_name), error }).collect()
}
