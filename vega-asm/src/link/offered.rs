//! What several objects offer to importers, in one section.
//!
//! The compiler writes it, and alone knows what it says; all that counts here is that the section is a set of lines. The
//! outcome has each line once, in the order of their bytes, so it is the same for every order and grouping of the objects.
//! What contradicts itself is found by who imports it.

use super::Input;
use std::collections::BTreeSet;
use vega_format::builder::CustomSection;
use vega_format::container::Custom;

/// The number of the section.
const NUMBER: u16 = 0x8000;
/// Its name.
const NAME: &str = "vegac.interface";

/// Whether a section is one of these.
pub(super) fn is_offer(section: &Custom<'_>) -> bool {
    section.number == NUMBER && section.name == NAME
}

/// The section for all of them; nothing if none has one.
pub(super) fn joined(inputs: &[&Input<'_>]) -> Option<CustomSection> {
    let sections = inputs.iter().flat_map(|input| input.module.custom_sections()).filter(is_offer);
    let lines: BTreeSet<&[u8]> = sections
        .flat_map(|section| section.bytes.split(|byte| *byte == b'\n'))
        .filter(|line| !line.is_empty())
        .collect();
    let bytes: Vec<u8> = lines.into_iter().flat_map(|line| line.iter().chain(b"\n")).copied().collect();
    (!bytes.is_empty()).then(|| CustomSection { number: NUMBER, name: NAME.to_owned(), bytes })
}
