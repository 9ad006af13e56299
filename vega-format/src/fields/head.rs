//! Header and section table; and where the sections are then looked for.

use super::{Field, Walker};
use crate::container::checksum::sum_of;
use crate::container::{Head, head};
use crate::container::{Header, Kind, MAGIC, SectionId, SectionRecord};
use crate::text::counted;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;

/// A record of the section table, as it stands there.
pub(super) struct Record {
    pub(super) id: u16,
    start: usize,
    end: usize,
}

/// Tells header and table, and gives the sections whose bodies can be told one behind the other.
pub(super) fn explain<E>(walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>) -> Vec<Record> {
    walker.enter("header", "container.md#header", Header::SIZE);
    let magic = if walker.peek(MAGIC.len()) == MAGIC { "every .vgb starts so" } else { "not that of a .vgb" };
    walker.bytes(MAGIC.len(), "magic", magic);
    walker.plain(2, "version");
    walker.number(1, "kind", |kind| match u8::try_from(kind).ok().and_then(Kind::from_number) {
        Some(kind) => kind.to_string(),
        None => format!("{kind}, which is none"),
    });
    walker.plain(1, "reserved");
    let count = walker.plain(4, "sections").unwrap_or(0) as usize;
    walker.number(8, "file length", |length| counted(length, "byte"));
    walker.plain(4, "reserved");
    let table_end = Header::SIZE.saturating_add(count.saturating_mul(SectionRecord::SIZE));
    let computed = head::checksum(walker.bytes_of(0..table_end));
    walker.number(4, "checksum", |stored| checksum(stored, computed));
    walker.rest("header", "");

    let mut records = Vec::new();
    // Bodies are told, and their checksums computed, as long as each stands behind the one before it.
    let mut body_end = table_end;
    for number in 0..count.min(Head::MOST_SECTIONS) {
        walker.enter("section table", "container.md#section-table", table_end);
        if walker.left() == 0 {
            break;
        }
        let Some(record) = explain_record(walker, number, body_end) else { break };
        if record.start >= body_end && record.start <= walker.bytes.len() {
            body_end = record.end;
            records.push(record);
        }
    }
    walker.rest("not explained", "more sections than a file has");
    records
}

fn explain_record<E>(
    walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>,
    number: usize,
    body_end: usize,
) -> Option<Record> {
    let field = |name: &str| format!("{number}: {name}");
    let id = walker.number(2, field("id"), |id| format!("{id}, {}", name(id as u16)))? as u16;
    walker.number(2, field("flags"), |flags| if flags & 1 == 1 { "critical" } else { "may be skipped" })?;
    let later = |at: usize| walker.peek(20).get(at..at + 8).and_then(|bytes| bytes.first_chunk()).copied();
    let (start, length) = (later(4).map_or(0, u64::from_le_bytes), later(12).map_or(0, u64::from_le_bytes));
    let (wanted, end) = (start.saturating_add(length), walker.bytes.len() as u64);
    let (is_there, end) = (wanted <= end, wanted.min(end) as usize);
    let start = start as usize;
    let is_own = start >= body_end;
    let computed = (is_own && is_there).then(|| sum_of([walker.bytes_of(start..end)]));
    walker.number(4, field("checksum"), |stored| match computed {
        Some(computed) => checksum(stored, computed),
        None if is_own => format!("{stored:08x}; the body reaches beyond the end of the file"),
        None => format!("{stored:08x}; the body is no place of its own"),
    })?;
    walker.number(8, field("offset"), |offset| format!("0x{offset:x}"))?;
    walker.number(8, field("length"), |length| counted(length, "byte"))?;
    Some(Record { id, start, end })
}

/// Goes to the body of a section; what lies before it belongs to none.
pub(super) fn enter<E>(walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>, record: &Record) {
    walker.enter("between the sections", "container.md#section-table", record.start);
    walker.rest("not explained", "no section holds these bytes");
    walker.enter(name(record.id), rule(record.id), record.end);
}

fn checksum(stored: u64, computed: u32) -> String {
    match stored == u64::from(computed) {
        true => "right".to_owned(),
        false => format!("wrong: {computed:08x} is that of the bytes"),
    }
}

fn name(id: u16) -> &'static str {
    SectionId::from_number(id)
        .map_or(if id < SectionId::FIRST_CUSTOM { "later version" } else { "custom" }, SectionId::name)
}

/// Where `spec/` tells of a section.
fn rule(id: u16) -> &'static str {
    match SectionId::from_number(id) {
        Some(SectionId::Metadata) => "container.md#metadata",
        Some(SectionId::Constants) => "container.md#constants",
        Some(SectionId::Types) => "container.md#types",
        Some(SectionId::Imports) => "container.md#imports",
        Some(SectionId::Functions) => "container.md#functions",
        Some(SectionId::Code) => "container.md#code",
        Some(SectionId::Relocations) => "container.md#relocations",
        Some(SectionId::Debug) => "container.md#debug",
        Some(SectionId::Statics) => "container.md#statics",
        Some(SectionId::Certificate | SectionId::Signature) | None => "container.md#section-table",
    }
}
