//! What functions promised to their importers: that they never need more memory than when these were compiled.
//!
//! The import of a call says it. Where there is no such import, because the importer does not call the function itself, or
//! because both came into one object and the call has found it, a line of what the object [offers](offered) does.

use super::problem::{Problem, Site};
use super::{Definition, Output, Plan, offered, symbols};
use std::collections::BTreeMap;
use vega_format::Verified;
use vega_format::budget::Budget;
use vega_format::container::ImportKind;
use vega_format::join::Called;
use vega_format::proof::Worst;

/// A promise to an input.
struct Promise {
    bytes: u64,
    input: u32,
    /// The function that gave it.
    one: Definition,
}

/// Whether there are any that the output is held to.
pub(super) fn are_some(plan: &Plan<'_>) -> bool {
    let inputs = &plan.inputs;
    plan.options.output != Output::Object
        && inputs
            .iter()
            .any(|input| input.module.bounded_imports().next().is_some() || offered::promises(input).next().is_some())
}

/// Those of imports that have found their function.
fn of_imports(plan: &Plan<'_>) -> impl Iterator<Item = Promise> {
    (0..).zip(&plan.inputs).flat_map(move |(input, from)| {
        from.module.bounded_imports().filter_map(move |index| {
            let import = from.module.import(index)?;
            let (ImportKind::Module, Some(bytes)) = (import.kind, import.bound) else { return None };
            let Some(&Called::Function(one)) = plan.resolved.target(input, index) else { return None };
            Some(Promise { bytes, input, one })
        })
    })
}

/// Those that no import of an object carries on, once its calls have found what they call: bytes, and the mangled name.
pub(super) fn settled<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = (u64, &'p str)> {
    of_imports(plan).filter_map(|Promise { bytes, one, .. }| Some((bytes, symbols::function(&plan.inputs, one)?.name)))
}

/// The promises that the module does not keep, each with the least that was promised. What is not in the module promises
/// nothing, and what will be in it only the last link knows: an object is held to none, and carries all on.
pub(super) fn broken(plan: &Plan<'_>, module: &Verified) -> Vec<Problem> {
    if !are_some(plan) {
        return Vec::new();
    }
    let mut offered = (0..)
        .zip(&plan.inputs)
        .flat_map(|(input, from)| offered::promises(from).map(move |(bytes, name)| (bytes, input, name)))
        .peekable();
    // Names are looked up where there are some.
    let symbols = offered.peek().map(|_| plan.symbols());
    let offered =
        offered.filter_map(|(bytes, input, name)| Some(Promise { bytes, input, one: symbols.as_ref()?.find(name)? }));
    let mut promises: BTreeMap<&str, Promise> = BTreeMap::new();
    for promise in of_imports(plan).chain(offered) {
        let Some(function) = symbols::function(&plan.inputs, promise.one) else { continue };
        match promises.get_mut(function.name) {
            Some(known) if known.bytes <= promise.bytes => {}
            Some(known) => *known = promise,
            None => _ = promises.insert(function.name, promise),
        }
    }
    let is_broken = |promise: Promise| {
        let stays = plan.folds.of(promise.one).unwrap_or(promise.one);
        let index = module.module().find_function(symbols::function(&plan.inputs, stays)?.name)?;
        let is_kept = match module.proof().worst(index) {
            Worst::Bytes(found) => found.total() <= promise.bytes,
            Worst::Unbounded => false,
        };
        (!is_kept).then_some((promise, index))
    };
    let mut broken = promises.into_values().filter_map(is_broken).take(plan.options.most()).peekable();
    if broken.peek().is_none() {
        return Vec::new();
    }
    let callers = plan.breadth_first();
    let problem = |(Promise { bytes, input, one }, index)| Problem::Outgrown {
        promised: bytes,
        by: plan.inputs.get(input as usize).map(|input| input.name.to_string()).unwrap_or_default(),
        found: Site::of(&plan.inputs, one),
        budget: Box::new(Budget::of_function(module, index)),
        chain: plan.chain_through(input, one, &callers),
    };
    broken.map(problem).collect()
}
