//! What no writer writes: `.raw`, `.section`, `.crc`, `.keep`, `.cut`, and `.bytes` among instructions. They change the
//! finished file, so that a listing can say any damaged or unusual one.
//!
//! The order is always the same, whatever that of the listing: sections, then bytes over bytes in the order in which they
//! stand, then ids and checksums are made right unless they are kept or made wrong, then the end of the file.

use crate::literal;
use crate::problem;
use crate::surgery;
use crate::syntax::Span;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use vega_format::container::SectionId;
use vega_format::text::counted;
use vega_format::{Parsed, read};
use vega_report::{Diagnostic, SourceId};

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// So many bytes behind the start of the first section with this number, or of the file.
    At(Option<u16>, u64),
    /// Behind the last byte.
    End,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// The whole file is these bytes.
    Whole(Vec<u8>),
    /// A section has this body; if there is none of this number, it is put behind the others.
    Body(u16, Vec<u8>),
    /// There is no section of this number.
    Without(u16),
    /// The sections stand in this order; some may be left out, or stand twice.
    Order(Vec<u16>),
    /// Bytes of the code of a function, over as many placeholders.
    Code(String, u32, Vec<u8>),
    /// Bytes over those at a place, or behind the end.
    Raw(Place, Vec<u8>),
    /// The checksum of a section is wrong, or that of header and table.
    BadChecksum(Option<u16>),
    /// Ids and checksums are as they were before the damage.
    KeepChecksums,
    /// The content ids are as they were.
    KeepIds,
    /// The file ends here.
    Cut(Place),
}

/// The number of a section: by its name, or as it is.
pub fn section_number(word: &str) -> Option<u16> {
    let known = SectionId::ALL.into_iter().find(|id| id.name() == word).map(|id| id as u16);
    known.or_else(|| literal::number(word, u16::MAX.into()).ok().map(|number| number as u16))
}

/// Reads `code+0x12`, `file+8`, `end`.
pub fn place(word: &str) -> Option<Place> {
    if word == "end" {
        return Some(Place::End);
    }
    let (section, offset) = word.split_once('+')?;
    let offset = literal::number(offset, u64::MAX).ok()?;
    match section {
        "file" => Some(Place::At(None, offset)),
        _ => Some(Place::At(Some(section_number(section)?), offset)),
    }
}

/// Whether all of the file is given, so that there need be nothing else.
pub fn is_whole(damage: &[(Span, Damage)]) -> bool {
    damage.iter().any(|(_, damage)| matches!(damage, Damage::Whole(_)))
}

/// Damages a file.
///
/// # Errors
/// The file has no such place or section.
pub fn apply(mut bytes: Vec<u8>, damage: &[(Span, Damage)], source: SourceId) -> Result<Vec<u8>, Box<Diagnostic>> {
    for (span, damage) in damage {
        match damage {
            Damage::Whole(whole) => bytes.clone_from(whole),
            Damage::Body(..) | Damage::Without(_) | Damage::Order(_) => {
                bytes = with_other_sections(&bytes, damage).ok_or_else(|| no_such_section(source, *span))?;
            }
            _ => {}
        }
    }
    // The code was written with placeholders and is well-formed up to here.
    let placed = code_places(&bytes, damage);
    let old = bytes.clone();
    for (index, (span, damage)) in damage.iter().enumerate() {
        let fits = match damage {
            Damage::Code(_, _, code) => {
                let at = placed.iter().find(|(place, _)| *place == index).map(|(_, at)| *at);
                at.is_some_and(|at| surgery::put(&mut bytes, at, code))
            }
            Damage::Raw(place @ Place::At(..), raw) => {
                at(&old, *place).is_some_and(|at| surgery::put(&mut bytes, at, raw))
            }
            _ => true,
        };
        if !fits {
            let place = if let Damage::Raw(place, _) = damage { *place } else { Place::End };
            return Err(outside(source, *span, &bytes, place));
        }
    }
    let keeps = |wanted: &Damage| damage.iter().any(|(_, damage)| damage == wanted);
    if !keeps(&Damage::KeepChecksums) && !is_whole(damage) {
        if !keeps(&Damage::KeepIds) {
            surgery::repair_ids(&mut bytes);
        }
        surgery::repair_checksums(&mut bytes);
    }
    let spoiled = damage.iter().filter_map(|(span, damage)| match damage {
        Damage::BadChecksum(id) => Some((id, span)),
        _ => None,
    });
    // Each once, that of the table behind those that stand in it: to make one wrong twice makes it right.
    let spoiled: BTreeMap<Reverse<&Option<u16>>, &Span> = spoiled.map(|(id, span)| (Reverse(id), span)).collect();
    for (Reverse(id), span) in spoiled {
        if !surgery::spoil_checksum(&mut bytes, *id) {
            return Err(no_such_section(source, *span));
        }
    }
    for (span, damage) in damage {
        match damage {
            Damage::Raw(Place::End, raw) => bytes.extend_from_slice(raw),
            Damage::Cut(place) => match at(&bytes, *place).filter(|at| *at <= bytes.len()) {
                Some(at) => bytes.truncate(at),
                None => return Err(outside(source, *span, &bytes, *place)),
            },
            _ => {}
        }
    }
    Ok(bytes)
}

fn with_other_sections(bytes: &[u8], damage: &Damage) -> Option<Vec<u8>> {
    let mut sections = surgery::sections(bytes);
    let find = |wanted: u16| sections.iter().position(|section| surgery::section_number(section) == wanted);
    match damage {
        Damage::Body(id, body) => match find(*id).and_then(|place| sections.get_mut(place)) {
            Some((_, old)) => old.clone_from(body),
            None => {
                let is_critical = SectionId::from_number(*id).is_some_and(SectionId::is_critical);
                sections.push(surgery::new_section(*id, is_critical, body.clone()));
            }
        },
        Damage::Without(id) => _ = sections.remove(find(*id)?),
        Damage::Order(ids) => {
            let ordered: Option<Vec<_>> = ids.iter().map(|id| sections.get(find(*id)?).cloned()).collect();
            sections = ordered?;
        }
        _ => {}
    }
    Some(surgery::with_sections(bytes, &sections))
}

/// Where the bytes stand that were given for code: the place of the damage, and the place in the file.
fn code_places(bytes: &[u8], damage: &[(Span, Damage)]) -> Vec<(usize, usize)> {
    if !damage.iter().any(|(_, damage)| matches!(damage, Damage::Code(..))) {
        return Vec::new();
    }
    let mut repaired = bytes.to_vec();
    surgery::repair(&mut repaired);
    let Ok(parsed) = read(repaired.as_slice()) else { return Vec::new() };
    let start = |parsed: &Parsed<'_>, name: &str| {
        parsed.find_function(name).and_then(|index| parsed.function(index)).map(|function| function.code_offset)
    };
    let places = damage.iter().enumerate().filter_map(|(index, (_, damage))| match damage {
        Damage::Code(function, offset, _) => Some((index, start(&parsed, function)? + *offset as usize)),
        _ => None,
    });
    places.collect()
}

fn at(bytes: &[u8], place: Place) -> Option<usize> {
    match place {
        Place::End => Some(bytes.len()),
        Place::At(None, offset) => usize::try_from(offset).ok(),
        Place::At(Some(id), offset) => surgery::section_start(bytes, id)?.checked_add(usize::try_from(offset).ok()?),
    }
}

fn outside(source: SourceId, span: Span, bytes: &[u8], place: Place) -> Box<Diagnostic> {
    let start = match place {
        Place::At(Some(id), _) => surgery::section_start(bytes, id),
        Place::At(None, _) | Place::End => Some(0),
    };
    let behind = match start {
        None => return no_such_section(source, span),
        Some(0) => String::new(),
        Some(start) => format!(", and the section begins at byte {start}"),
    };
    let words = format!("no such place: the file has {}{behind}", counted(bytes.len(), "byte"));
    Box::new(problem::damage(source, span, &words))
}

fn no_such_section(source: SourceId, span: Span) -> Box<Diagnostic> {
    Box::new(problem::damage(source, span, "the file has no such section"))
}

/// The directive that changed bytes of a file within a range of its code.
pub fn over(bytes: &[u8], damage: &[(Span, Damage)], range: &Range<usize>) -> Option<Span> {
    let touches = |damage: &Damage| match damage {
        Damage::Whole(_) => true,
        Damage::Body(id, _) => *id == SectionId::Code as u16,
        Damage::Raw(place, raw) => {
            at(bytes, *place).is_some_and(|start| start < range.end && range.start < start.saturating_add(raw.len()))
        }
        _ => false,
    };
    damage.iter().rev().find(|(_, damage)| touches(damage)).map(|(span, _)| *span)
}
