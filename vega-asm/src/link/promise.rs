//! What functions promised to their importers: that they never need more memory than when these were compiled.

use super::problem::{Problem, Site};
use super::{Definition, Plan, symbols};
use std::collections::BTreeMap;
use vega_format::Verified;
use vega_format::budget::Budget;
use vega_format::container::ImportKind;
use vega_format::join::Called;
use vega_format::proof::Worst;

/// The promises that the module does not keep, each with the least that was promised. What is not in the module promises
/// nothing. In an object, a call that is resolved has no import any more that could carry a promise on; so it has to be known
/// now whether it is kept.
pub(super) fn broken(plan: &Plan<'_>, module: &Verified) -> Vec<Problem> {
    let mut promises: BTreeMap<&str, (u64, String, Definition)> = BTreeMap::new();
    for (input, from) in (0..).zip(&plan.inputs) {
        for (index, import) in
            from.module.bounded_imports().filter_map(|index| Some((index, from.module.import(index)?)))
        {
            let (ImportKind::Module, Some(bytes)) = (import.kind, import.bound) else { continue };
            let Some(&Called::Function(one)) = plan.resolved.target(input, index) else { continue };
            let Some(function) = symbols::function(&plan.inputs, one) else { continue };
            let promise = (bytes, from.name.to_string(), one);
            match promises.get_mut(function.name) {
                Some(known) if known.0 <= bytes => {}
                Some(known) => *known = promise,
                None => _ = promises.insert(function.name, promise),
            }
        }
    }
    let is_broken = |(bytes, by, one): (u64, String, Definition)| {
        let stays = plan.folds.of(one).unwrap_or(one);
        let index = module.module().find_function(symbols::function(&plan.inputs, stays)?.name)?;
        let is_kept = match module.proof().worst(index) {
            Worst::Bytes(found) => found.total() <= bytes,
            Worst::Unbounded => false,
        };
        (!is_kept).then_some((bytes, by, one, index))
    };
    let mut broken = promises.into_values().filter_map(is_broken).take(plan.options.most()).peekable();
    if broken.peek().is_none() {
        return Vec::new();
    }
    let callers = plan.breadth_first();
    let problem = |(promised, by, one, index)| Problem::Outgrown {
        promised,
        by,
        found: Site::of(&plan.inputs, one),
        budget: Box::new(Budget::of_function(module, index)),
        chain: plan.chain(one, &callers).chain,
    };
    broken.map(problem).collect()
}
