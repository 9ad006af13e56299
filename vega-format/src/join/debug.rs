//! Lines and names, taken over as they stand but for the number of the source. A function of which nothing is known gets
//! an entry that says nothing, as if its file had one; so it does not matter which files were joined before.

use super::{Definition, Join, Pick};
use crate::container::debug::Record;
use crate::hash::HashMap;
use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

/// The sources of which lines or names are known, by name.
pub(super) fn sources(join: &Join<'_>) -> Vec<String> {
    let mut used: Vec<BTreeSet<u32>> = join.files.iter().map(|_| BTreeSet::new()).collect();
    for one in join.picks.iter().copied().map(Pick::definition) {
        if let (Some(record), Some(used)) = (record(join, one), used.get_mut(one.file as usize)) {
            used.insert(record.source());
        }
    }
    let mut names = BTreeSet::new();
    for (file, used) in join.files.iter().zip(used) {
        let sources = (0..).zip(file.sources());
        names.extend(sources.filter(|(number, _)| used.contains(number)).map(|(_, name)| name));
    }
    names.into_iter().map(str::to_owned).collect()
}

/// Writes the section.
pub(super) fn write(join: &Join<'_>, sources: &[String], out: &mut Vec<u8>) {
    let places: HashMap<&str, u32> = sources.iter().map(String::as_str).zip(0..).collect();
    let number = |name: &str| places.get(name).copied().unwrap_or_default();
    let numbers: Vec<Vec<u32>> = join.files.iter().map(|file| file.sources().map(number).collect()).collect();
    out.extend_from_slice(&(join.picks.len() as u32).to_le_bytes());
    for one in join.picks.iter().copied().map(Pick::definition) {
        match record(join, one) {
            Some(record) => {
                let numbers = numbers.get(one.file as usize);
                let source = numbers.and_then(|numbers| numbers.get(record.source() as usize));
                record.write(source.copied().unwrap_or_default(), out);
            }
            None => {
                let function = join.file(one.file).and_then(|file| file.function(one.function));
                let count = |function: &crate::container::Function<'_>| {
                    (function.signature.parameters.len(), function.slots.len())
                };
                let (parameters, slots) = function.as_ref().map(count).unwrap_or_default();
                Record::write_nothing(parameters, slots, out);
            }
        }
    }
}

/// What is known of a function, if anything is.
fn record<'j>(join: &Join<'j>, one: Definition) -> Option<Record<'j>> {
    join.file(one.file)?.debug_record(one.function).filter(|record| !record.says_nothing())
}
