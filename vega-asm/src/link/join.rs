//! The functions that are kept, in one module: the writer of the format does it, and is told here what each call calls.

use super::problem::{Problem, Site};
use super::{Definition, Plan, offered, promise};
use std::borrow::Cow;
use vega_format::Verified;
use vega_format::container::{Entry, Kind};
use vega_format::join::{Join, JoinError, Pick, Written};
use vega_format::rows::Rows;
use vega_format::write::FinishError;

/// Joins and judges.
pub(super) fn join(plan: &Plan<'_>, kind: Kind, strip_debug: bool) -> Result<Verified, Vec<Problem>> {
    let file_of = |function: u32| {
        let pick = kept(plan).get(function as usize).copied()?;
        plan.inputs.get(pick.definition().file as usize).map(|input| input.name.to_string())
    };
    write(plan, kind, strip_debug)?.judge(plan.options.threads).map_err(|error| refused(error, file_of))
}

/// What the verifier says; a refusal is of the file from which the function came.
pub(super) fn refused(error: FinishError, file_of: impl Fn(u32) -> Option<String>) -> Vec<Problem> {
    let FinishError::Refused(errors) = error else { return vec![Problem::Unwritable(error)] };
    errors.into_iter().map(|error| Problem::Refused { file: error.function.and_then(&file_of), error }).collect()
}

/// Joins.
pub(super) fn write(plan: &Plan<'_>, kind: Kind, strip_debug: bool) -> Result<Written, Vec<Problem>> {
    let inputs = &plan.inputs;
    let mut functions = Rows::filled(inputs.iter().map(|input| input.module.function_count()), Join::NONE);
    let picks = kept(plan);
    for (place, pick) in (0..).zip(picks.iter()) {
        put(&mut functions, pick.definition(), place);
    }
    for one in plan.live() {
        if let Some(place) = plan.folds.of(one).and_then(|other| place_of(&functions, other)) {
            put(&mut functions, one, place);
        }
    }
    let entry = plan.entry.filter(|_| kind != Kind::Library);
    let join = Join {
        kind,
        producer: plan.options.producer.clone(),
        entry: entry.and_then(|(start, result)| Some(Entry { function: place_of(&functions, start)?, result })),
        files: inputs.iter().map(|input| &input.module).collect(),
        functions,
        imports: &plan.resolved.imports,
        elsewhere: plan.resolved.elsewhere().collect(),
        picks,
        strip_debug,
        custom: match kind {
            Kind::Object => offered::joined(inputs, promise::settled(plan)).into_iter().collect(),
            Kind::Program | Kind::Library => Vec::new(),
        },
    };
    let malformed = |one: Definition| Problem::Malformed(Site::of(&plan.inputs, one));
    join.write().map_err(|error| match error {
        JoinError::Malformed(those) => those.into_iter().map(malformed).collect(),
        JoinError::Build(error) => vec![Problem::Unwritable(error.into())],
    })
}

/// The functions that are taken over, by name.
pub(super) fn kept<'p>(plan: &'p Plan<'_>) -> Cow<'p, [Pick]> {
    match plan.folds.is_empty() {
        true => Cow::Borrowed(&plan.live),
        false => plan.live.iter().copied().filter(|pick| plan.folds.of(pick.definition()).is_none()).collect(),
    }
}

fn put(functions: &mut Rows<u32>, one: Definition, place: u32) {
    if let Some(found) = functions.get_mut(one.file, one.function) {
        *found = place;
    }
}

fn place_of(functions: &Rows<u32>, one: Definition) -> Option<u32> {
    functions.get(one.file, one.function).copied().filter(|place| *place != Join::NONE)
}
