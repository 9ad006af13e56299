//! The functions that are needed, in one module: constants, types and imports once each, calls by name, lines with the
//! source that they are of.
//!
//! What order things stand in is decided by the writer, from the names and the code alone.

use super::problem::{Problem, Site};
use super::{Definition, Input, symbols};
use std::collections::BTreeSet;
use vega_format::Builder;
use vega_format::adopt::Adopted;
use vega_format::container::{EntryResult, Kind};

/// Takes over the functions `live`; those that the object with the entry exports, or all objects of a library, stay
/// exported.
pub(super) fn merge(
    inputs: &[&Input<'_>],
    live: &[Definition],
    entry: Option<(Definition, EntryResult)>,
) -> Result<Builder, Vec<Problem>> {
    let mut builder = Builder::new(if entry.is_some() { Kind::Program } else { Kind::Library });
    builder.entry = entry.and_then(|(start, result)| Some((symbols::function(inputs, start)?.name.to_owned(), result)));
    builder.sources = sources(inputs, live);
    let mut tables: Vec<Option<Adopted>> = inputs.iter().map(|_| None).collect();
    let mut problems = Vec::new();
    for definition in live {
        let (Some(input), Some(function), Some(table)) =
            (inputs.get(definition.input), symbols::function(inputs, *definition), tables.get_mut(definition.input))
        else {
            continue;
        };
        if table.is_none() {
            // Structs of one name were found to be one.
            *table = builder.adopt_tables(&input.module).ok();
        }
        let Some(mut draft) = table.as_ref().and_then(|adopted| builder.adopt(&input.module, &function, adopted))
        else {
            problems.push(Problem::Malformed(Site::of(inputs, *definition)));
            continue;
        };
        draft.exported &= entry.is_none_or(|(start, _)| start.input == definition.input);
        if let Some(debug) = &mut draft.debug {
            let source = input.module.sources().nth(debug.source as usize).unwrap_or_default();
            let place = builder.sources.binary_search_by(|known| known.as_str().cmp(source));
            debug.source = place.unwrap_or_default() as u32;
        }
        builder.add_function(function.name, draft);
    }
    match problems.is_empty() {
        true => Ok(builder),
        false => Err(problems),
    }
}

/// The sources of the functions, by name.
fn sources(inputs: &[&Input<'_>], live: &[Definition]) -> Vec<String> {
    let mut used: BTreeSet<(usize, u32)> = BTreeSet::new();
    for definition in live {
        let debug = inputs.get(definition.input).and_then(|input| input.module.debug(definition.function));
        used.extend(debug.map(|debug| (definition.input, debug.source)));
    }
    let name = |(input, source): &(usize, u32)| inputs.get(*input)?.module.sources().nth(*source as usize);
    let names: BTreeSet<&str> = used.iter().filter_map(name).collect();
    names.into_iter().map(str::to_owned).collect()
}
