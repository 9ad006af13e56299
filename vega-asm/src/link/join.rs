//! The functions that are kept, in one module: the writer of the format does it, and is told here what each call calls.

use super::problem::{Problem, Site};
use super::resolve::Target;
use super::{Definition, Input, Plan, offered};
use vega_format::Verified;
use vega_format::container::{Entry, Kind};
use vega_format::join::{Called, Join, JoinError, Part, Pick};
use vega_format::write::FinishError;

/// Joins.
pub(super) fn join(plan: &Plan<'_>, kind: Kind, strip_debug: bool) -> Result<Verified, Vec<Problem>> {
    let inputs = &plan.inputs;
    let mut parts: Vec<Part<'_>> = inputs.iter().map(|input| part(input)).collect();
    for (place, one) in (0..).zip(kept(plan)) {
        put(&mut parts, one, place);
    }
    for one in &plan.live {
        if let Some(place) = plan.folds.of(*one).and_then(|other| place_of(&parts, other)) {
            put(&mut parts, *one, place);
        }
    }
    let mut imports: Vec<Box<[Called]>> = Vec::with_capacity(parts.len());
    for input in 0..parts.len() as u32 {
        let called = |target: &Target| match target {
            Target::Host => Called::Host,
            Target::Definition(one) => place_of(&parts, *one).map_or(Called::Nothing, Called::Function),
            Target::Elsewhere(number) if kind == Kind::Object => Called::Elsewhere(*number),
            Target::Elsewhere(_) => Called::Nothing,
        };
        imports.push(plan.resolved.targets(input).iter().map(called).collect());
    }
    for (part, imports) in parts.iter_mut().zip(imports) {
        part.imports = imports;
    }
    let entry = plan.entry.filter(|_| kind != Kind::Library);
    let join = Join {
        kind,
        producer: plan.options.producer.clone(),
        entry: entry.and_then(|(start, result)| Some(Entry { function: place_of(&parts, start)?, result })),
        parts,
        elsewhere: plan.resolved.elsewhere().collect(),
        picks: kept(plan).map(|one| pick(plan, one)).collect(),
        strip_debug,
        custom: if kind == Kind::Object { offered::joined(inputs).into_iter().collect() } else { Vec::new() },
        threads: plan.options.threads,
    };
    join.finish().map_err(|error| problems(error, plan))
}

/// The functions that are taken over, by name.
fn kept(plan: &Plan<'_>) -> impl Iterator<Item = Definition> {
    plan.live.iter().copied().filter(|one| plan.folds.of(*one).is_none())
}

fn part<'p>(input: &'p Input<'_>) -> Part<'p> {
    let functions = vec![Part::NONE; input.module.function_count() as usize].into();
    Part { file: &input.module, functions, imports: Box::default() }
}

fn put(parts: &mut [Part<'_>], one: Definition, place: u32) {
    let part = parts.get_mut(one.input as usize);
    if let Some(found) = part.and_then(|part| part.functions.get_mut(one.function as usize)) {
        *found = place;
    }
}

fn place_of(parts: &[Part<'_>], one: Definition) -> Option<u32> {
    let place = *parts.get(one.input as usize)?.functions.get(one.function as usize)?;
    (place != Part::NONE).then_some(place)
}

fn pick(plan: &Plan<'_>, one: Definition) -> Pick {
    Pick { part: one.input, function: one.function, exported: plan.is_exported(one) }
}

/// What the writer or the verifier says; a refusal is of the file from which the function came.
fn problems(error: JoinError, plan: &Plan<'_>) -> Vec<Problem> {
    let errors = match error {
        JoinError::Malformed(picks) => {
            let site = |pick: Pick| Site::of(&plan.inputs, Definition { input: pick.part, function: pick.function });
            return picks.into_iter().map(|pick| Problem::Malformed(site(pick))).collect();
        }
        JoinError::Finish(FinishError::Refused(errors)) => errors,
        JoinError::Finish(other) => return vec![Problem::Unwritable(other)],
    };
    let file_of = |index: Option<u32>| {
        let found = kept(plan).nth(index? as usize)?;
        plan.inputs.get(found.input as usize).map(|input| input.name.clone())
    };
    errors.into_iter().map(|error| Problem::Refused { file: file_of(error.function), error }).collect()
}
