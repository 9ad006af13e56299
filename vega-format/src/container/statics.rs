//! The section `statics`: blocks of variables that live as long as an instance of the module.
//!
//! Body: its name as text, as that of every section with a number above 10; count `u32` of blocks; for each its bytes
//! `u32`, count `u32` of variables with the type `u32` of each, and the values with which it starts: length `u32` and so
//! many bytes, of which the last is not 0; all behind them is 0. Variables stand one after another from the start of
//! the block on. The blocks stand in the order in which the code first names them.

use super::cursor::{Cursor, write_text};
use super::{SectionId, types};
use crate::error::{FormatErrorKind, Result};
use crate::stencil::{StencilTable, TypeRef};
use crate::text::counted;
use crate::types::Tag;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

/// A block of variables.
#[derive(Debug, Clone, Copy)]
pub struct StaticBlock<'a> {
    /// Its bytes.
    pub capacity: u32,
    /// The variables, each with where it starts, in order.
    pub variables: &'a [(u32, TypeRef)],
    /// The values with which it starts; all behind them is zero.
    pub image: &'a [u8],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Record {
    capacity: u32,
    variables: Vec<(u32, TypeRef)>,
    image: Range<usize>,
}

/// The blocks of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statics {
    records: Box<[Record]>,
}

/// The most blocks of a file.
pub const MOST_BLOCKS: usize = 1 << 16;

impl Statics {
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn get<'a>(&'a self, file: &'a [u8], index: u32) -> Option<StaticBlock<'a>> {
        let record = self.records.get(index as usize)?;
        let image = file.get(record.image.clone())?;
        Some(StaticBlock { capacity: record.capacity, variables: &record.variables, image })
    }

    /// The types of the variables, in order.
    pub(crate) fn types(&self) -> impl Iterator<Item = TypeRef> {
        self.records.iter().flat_map(|record| &record.variables).map(|(_, type_ref)| *type_ref)
    }
}

impl StaticBlock<'_> {
    /// The variable that has the byte at `offset`, and where in it that byte is.
    fn variable_around(&self, offset: u32) -> Option<(TypeRef, u32)> {
        let place = self.variables.partition_point(|(start, _)| *start <= offset).checked_sub(1)?;
        let (start, type_ref) = self.variables.get(place)?;
        Some((*type_ref, offset - start))
    }

    /// The scalar that starts exactly at `offset`.
    pub fn leaf(&self, stencils: &StencilTable, offset: u32) -> Option<Tag> {
        self.variable_around(offset).and_then(|(type_ref, at)| stencils.leaf(type_ref, at))
    }

    /// The part of a variable that starts exactly at `offset`, with `depth` others around it.
    pub fn part_at(&self, stencils: &StencilTable, offset: u32, depth: u8) -> Option<TypeRef> {
        self.variable_around(offset).and_then(|(type_ref, at)| stencils.part_at(type_ref, at, depth))
    }
}

pub(crate) fn read(file: &[u8], mut cursor: Cursor<'_>, stencils: &StencilTable) -> Result<Statics> {
    let at = cursor.offset();
    let name = cursor.text("the name of a section")?;
    if file.get(name) != Some(SectionId::Statics.name().as_bytes()) {
        let problem = format!("the name of this section is not `{}`", SectionId::Statics);
        return Err(cursor.error_at(at, FormatErrorKind::Canonical(problem)));
    }
    let at = cursor.offset();
    let count = cursor.count("the static blocks", 12)?;
    if count > MOST_BLOCKS {
        let (what, found, limit) = ("the number of static blocks", count as u64, MOST_BLOCKS as u64);
        return Err(cursor.error_at(at, FormatErrorKind::Limit { what, found, limit }));
    }
    let mut records = Vec::with_capacity(count);
    for _ in 0..count {
        records.push(read_block(file, &mut cursor, stencils)?);
    }
    cursor.finish()?;
    Ok(Statics { records: records.into() })
}

fn read_block(file: &[u8], cursor: &mut Cursor<'_>, stencils: &StencilTable) -> Result<Record> {
    let at = cursor.offset();
    let capacity = cursor.u32("the bytes of a static block")?;
    if capacity > StencilTable::MOST_BYTES {
        let (what, found, limit) = ("the size of a static block", capacity.into(), StencilTable::MOST_BYTES.into());
        return Err(cursor.error_at(at, FormatErrorKind::Limit { what, found, limit }));
    }
    let count = cursor.count("the variables of a static block", 4)?;
    let mut variables = Vec::with_capacity(count);
    let mut end = 0u32;
    for _ in 0..count {
        let at = cursor.offset();
        let type_ref = types::read_type(cursor)?;
        let size = stencils.size(type_ref);
        if let Some(missing) = type_ref.missing_in(stencils) {
            return Err(cursor.error_at(at, missing));
        }
        variables.push((end, type_ref));
        end = end.checked_add(size).filter(|end| *end <= capacity).ok_or_else(|| {
            let problem = format!("the variables of a static block need more than its {}", counted(capacity, "byte"));
            cursor.error_at(at, FormatErrorKind::Canonical(problem))
        })?;
    }
    let at = cursor.offset();
    let length = cursor.u32("the values of a static block")?;
    if length > end {
        let (what, found, length) = ("the values of a static block", length.into(), end.into());
        return Err(cursor.error_at(at, FormatErrorKind::Range { what, found, length }));
    }
    let image = cursor.range("the values of a static block", length as usize)?;
    if file.get(image.clone()).and_then(<[u8]>::last) == Some(&0) {
        let problem = "the values of a static block end with a zero, which goes without saying".to_owned();
        return Err(cursor.error_at(image.end - 1, FormatErrorKind::Canonical(problem)));
    }
    Ok(Record { capacity, variables, image })
}

/// What is written of a block.
pub(crate) struct Draft<'a> {
    pub(crate) capacity: u32,
    pub(crate) variables: Vec<TypeRef>,
    pub(crate) image: &'a [u8],
}

pub(crate) fn write(out: &mut Vec<u8>, blocks: &[Draft<'_>]) {
    let number = |out: &mut Vec<u8>, number: u32| out.extend_from_slice(&number.to_le_bytes());
    write_text(out, SectionId::Statics.name());
    number(out, blocks.len() as u32);
    for block in blocks {
        number(out, block.capacity);
        number(out, block.variables.len() as u32);
        block.variables.iter().for_each(|type_ref| number(out, type_ref.number()));
        let end = block.image.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        number(out, end as u32);
        out.extend_from_slice(block.image.get(..end).unwrap_or_default());
    }
}
