//! What several objects offer to importers, and rely on, in one section.
//!
//! The compiler writes it, and reads it with suspicion; all that counts here is that the section is a set of lines, and
//! which of them say what a struct is, and which what is promised. The outcome has each line once, in the order of their bytes, so it is the same for
//! every order and grouping of the objects.

use super::Input;
use std::collections::{BTreeMap, BTreeSet};
use vega_format::builder::CustomSection;
use vega_format::container::Custom;
use vega_format::mangle;
use vega_format::types::Type;

/// The number of the section.
const NUMBER: u16 = 0x8000;
/// Its name.
const NAME: &str = "vegac.interface";

/// Whether a section is one of these.
pub(super) fn is_offer(section: &Custom<'_>) -> bool {
    section.number == NUMBER && section.name == NAME
}

/// The lines of an input.
fn lines<'i>(input: &'i Input<'_>) -> impl Iterator<Item = &'i [u8]> {
    let sections = input.module.custom_sections().filter(is_offer);
    let lines = sections.flat_map(|section| section.bytes.split(|byte| *byte == b'\n'));
    lines.filter(|line| !line.is_empty())
}

/// What is behind a word with which lines of an input begin. Of lines that make no sense the compiler will tell.
fn behind<'i>(input: &'i Input<'_>, word: &'static str) -> impl Iterator<Item = &'i str> {
    lines(input).filter_map(move |line| core::str::from_utf8(line).ok()?.strip_prefix(word)?.strip_prefix(' '))
}

/// What functions of other modules may need, by their mangled names: that is promised, and no import says it, since the
/// input does not call them, or has them by now.
pub(super) fn promises<'i>(input: &'i Input<'_>) -> impl Iterator<Item = (u64, &'i str)> {
    behind(input, "promise").filter_map(|line| {
        let (bytes, name) = line.split_once(' ')?;
        Some((bytes.parse().ok()?, name))
    })
}

/// The structs that an input offers: their names, and their fields with their types.
pub(super) fn structs<'i>(input: &'i Input<'_>) -> impl Iterator<Item = (&'i str, Vec<(&'i str, Type)>)> {
    behind(input, "struct").filter_map(|line| {
        let mut words = line.split(' ').skip(2);
        let name = words.next()?;
        let field = |word: &'i str| {
            let (name, mangled) = word.split_once(':')?;
            Some((name, mangle::parse_type(mangled).ok()?))
        };
        Some((name, words.map(field).collect::<Option<_>>()?))
    })
}

/// The section for all of them, with these promises beside; nothing if there is nothing to say.
pub(super) fn joined<'p>(
    inputs: &[&Input<'_>],
    promises: impl Iterator<Item = (u64, &'p str)>,
) -> Option<CustomSection> {
    // Of several promises of a function the least says it all.
    let mut least: BTreeMap<String, u64> = BTreeMap::new();
    let mut add = |(bytes, name): (u64, &str)| {
        least.entry(name.to_owned()).and_modify(|known| *known = bytes.min(*known)).or_insert(bytes);
    };
    inputs.iter().flat_map(|input| self::promises(input)).for_each(&mut add);
    promises.for_each(add);
    let promises: Vec<String> = least.into_iter().map(|(name, bytes)| format!("promise {bytes} {name}")).collect();
    let others = inputs.iter().flat_map(|input| lines(input)).filter(|line| !line.starts_with(b"promise "));
    let lines: BTreeSet<&[u8]> = others.chain(promises.iter().map(String::as_bytes)).collect();
    let bytes: Vec<u8> = lines.into_iter().flat_map(|line| line.iter().chain(b"\n")).copied().collect();
    (!bytes.is_empty()).then(|| CustomSection { number: NUMBER, name: NAME.to_owned(), bytes })
}
