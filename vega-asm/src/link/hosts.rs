//! Whether all inputs mean the same by a function of the host: as anywhere, functions of one name differ in what they take,
//! and never in their result alone.

use super::problem::{Missing, Problem, Problems, Site};
use super::symbols::key_bytes;
use super::{Definition, Input};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use vega_format::instruction::{Space, indexes};

/// Demands it; each result that differs from the first is told once for each input that wants it.
pub(super) fn agree(inputs: &[&Input<'_>], problems: &mut Problems) {
    let mut first: HashMap<&[u8], (&[u8], u32, u32), RandomState> = HashMap::default();
    for (input, from) in (0..).zip(inputs) {
        let hosts = from.module.outlined_imports().take(from.module.host_import_count() as usize);
        for (index, (_, name)) in (0..).zip(hosts) {
            match first.entry(key_bytes(name)) {
                Entry::Vacant(place) => _ = place.insert((name, input, index)),
                Entry::Occupied(other) => {
                    let (known, other_input, other_index) = *other.get();
                    if known != name {
                        problems.add(|| {
                            let first = wanted(inputs, other_input, other_index)?;
                            Some(Problem::Hosts { first, second: wanted(inputs, input, index)? })
                        });
                    }
                }
            }
        }
    }
}

/// An import of the host, and each function that calls it with its first such call.
fn wanted(inputs: &[&Input<'_>], input: u32, import: u32) -> Option<Missing> {
    let module = &inputs.get(input as usize)?.module;
    let callers = module.functions().filter_map(|function| {
        let mut called = indexes(function.code).map_while(Result::ok);
        let call = called.find(|index| index.space == Space::Imports && index.value == import)?;
        let line = module.source_line(function.index, call.offset).map(|(source, line)| (source.to_owned(), line));
        Some(Site { line, ..Site::of(inputs, Definition { file: input, function: function.index }) })
    });
    let wanted = module.import(import)?.signature.to_owned();
    Some(Missing { wanted, written: None, callers: callers.collect() })
}
