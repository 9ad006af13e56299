//! Parts of types by name: `offset=kind.x` for the bytes in front of a field. What is named is the part; the number is
//! worked out from the layouts of the module.
//!
//! A path starts at what the instruction speaks of (a slot's type, the variables of a static block), or, where the
//! listing does not say what that is, at the name of a struct: `offset=geometry.point.x`.

use super::Assembler;
use super::operand::Frame;
use crate::problem;
use crate::syntax::Span;
use vega_format::container::SlotKind;
use vega_format::instruction::{OperandKind, Row, Space};
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::types::Type;

/// Where a path starts.
#[derive(Clone, Copy)]
enum Start {
    /// At a type.
    Type(TypeRef),
    /// At the variables of the static block of this number.
    Static(usize),
    /// The listing does not say it.
    Unknown,
}

impl<'l> Assembler<'l, '_> {
    /// The bytes in front of a part. `before` are the operands of the instruction so far.
    pub(super) fn part_offset(&mut self, row: &Row, before: &[u32], span: Span, frame: &Frame<'l>) -> Option<u32> {
        let path = self.listing.word(span);
        let start = self.start(row, before, frame);
        let found = self.behind_start(start, path).or_else(|| self.behind_struct(path));
        let may_be_there = || matches!(start, Start::Static(_)) && self.may_be_defined(split(path).0);
        if found.is_none() && !frame.has_gaps && !may_be_there() {
            let names = self.parts_near(start, path);
            let names = names.iter().map(String::as_str);
            self.problems.push(problem::undefined(self.listing.source, span, "part", path, names));
        }
        found
    }

    fn start(&self, row: &Row, before: &[u32], frame: &Frame<'l>) -> Start {
        let operand =
            row.operands.iter().zip(before).find_map(|((_, OperandKind { space, .. }), number)| match space {
                Space::Slots | Space::Statics => Some((*space, *number as usize)),
                _ => None,
            });
        match operand {
            Some((Space::Slots, slot)) => match frame.slot_kinds.get(slot) {
                // Elements are spoken of by what stands in one of them.
                Some(SlotKind::Stencil(type_ref)) => {
                    Start::Type(self.builder.stencils().array(*type_ref).map_or(*type_ref, |(element, _)| element))
                }
                _ => Start::Unknown,
            },
            // The builder numbers the blocks as the listing does.
            Some((_, block)) => Start::Static(block),
            None => Start::Unknown,
        }
    }

    fn behind_start(&self, start: Start, path: &str) -> Option<u32> {
        match start {
            Start::Type(type_ref) => self.within(type_ref, path),
            Start::Static(block) => {
                let (name, rest) = split(path);
                let (offset, type_ref) = *self.static_names.get(block)?.get(name)?;
                Some(offset + self.within(type_ref, rest)?)
            }
            Start::Unknown => None,
        }
    }

    /// Names of structs have points in them too: the longest that is one counts.
    fn behind_struct(&self, path: &str) -> Option<u32> {
        let ends = path.rmatch_indices('.').map(|(place, _)| place);
        ends.filter_map(|end| path.split_at_checked(end)).find_map(|(name, rest)| {
            let type_ref = self.builder.stencils().find(&Type::Struct(name.to_owned()))?;
            self.within(type_ref, rest.get(1..)?)
        })
    }

    /// The bytes of a type in front of a part of it.
    fn within(&self, mut type_ref: TypeRef, mut path: &str) -> Option<u32> {
        let mut offset = 0;
        while !path.is_empty() {
            let (name, rest) = split(path);
            let (at, part) = self.part(type_ref, name)?;
            offset += at;
            (type_ref, path) = (part, rest);
        }
        Some(offset)
    }

    /// A field by name; an element of a tuple or an array by number.
    fn part(&self, type_ref: TypeRef, name: &str) -> Option<(u32, TypeRef)> {
        let stencils = self.builder.stencils();
        if let Some((element, count)) = stencils.array(type_ref) {
            let index: u32 = name.parse().ok().filter(|index| *index < count)?;
            return Some((index * stencils.size(element), element));
        }
        let TypeRef::Stencil(index) = type_ref else { return None };
        let place = match stencils.get(index)? {
            Stencil::Struct { fields, .. } => fields.iter().position(|field| field.name == name)?,
            _ => name.parse().ok()?,
        };
        stencils.parts(type_ref).nth(place)
    }

    /// The paths that differ from this one in their last name.
    fn parts_near(&self, start: Start, path: &str) -> Vec<String> {
        let stencils = self.builder.stencils();
        let type_ref = match start {
            Start::Static(block) => {
                let names = self.static_names.get(block).into_iter().flat_map(|names| names.keys());
                return names.map(|name| (*name).to_owned()).collect();
            }
            Start::Type(type_ref) => type_ref,
            Start::Unknown => {
                let name = path.rsplit_once('.').map_or(path, |(name, _)| name);
                match stencils.find(&Type::Struct(name.to_owned())) {
                    Some(type_ref) => type_ref,
                    None => return Vec::new(),
                }
            }
        };
        let TypeRef::Stencil(index) = type_ref else { return Vec::new() };
        let Some(Stencil::Struct { name, fields }) = stencils.get(index) else { return Vec::new() };
        let prefix = if matches!(start, Start::Unknown) { format!("{name}.") } else { String::new() };
        fields.iter().map(|field| format!("{prefix}{}", field.name)).collect()
    }
}

/// The first name of a path, and what is behind its point.
fn split(path: &str) -> (&str, &str) {
    path.split_once('.').unwrap_or((path, ""))
}
