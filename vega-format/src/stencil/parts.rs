//! What stands at which byte of a type: its parts, its scalars, and the cells in which it is a value.

use super::{Stencil, StencilTable, TypeRef};
use crate::types::Tag;
use alloc::vec::Vec;

/// The most cells of a struct or tuple that is a value.
pub const MOST_CELLS: usize = 64;

impl StencilTable {
    /// The fields of a struct or the elements of a tuple with their offsets.
    pub fn parts(&self, type_ref: TypeRef) -> impl Iterator<Item = (u32, TypeRef)> {
        let entry = self.entry(type_ref);
        let parts: Vec<TypeRef> = match entry.map(|entry| &entry.stencil) {
            Some(Stencil::Struct { fields, .. }) => fields.iter().map(|field| field.type_ref).collect(),
            Some(Stencil::Tuple(elements)) => elements.clone(),
            _ => Vec::new(),
        };
        let offsets = entry.map(|entry| entry.offsets.clone()).unwrap_or_default();
        offsets.into_iter().zip(parts)
    }

    /// How many fields or elements a struct or tuple has; 0 for anything else.
    pub fn part_count(&self, type_ref: TypeRef) -> usize {
        self.entry(type_ref).map_or(0, |entry| entry.offsets.len())
    }

    /// The most bytes of a text.
    pub fn text(&self, type_ref: TypeRef) -> Option<u32> {
        match self.entry(type_ref)?.stencil {
            Stencil::Text(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Element type and number of elements of an array.
    pub fn array(&self, type_ref: TypeRef) -> Option<(TypeRef, u32)> {
        match self.entry(type_ref)?.stencil {
            Stencil::Array(element, count) => Some((element, count)),
            _ => None,
        }
    }

    /// The scalar that starts exactly `offset` bytes into a type.
    pub fn leaf(&self, type_ref: TypeRef, offset: u32) -> Option<Tag> {
        match self.leaf_at(type_ref, offset)? {
            TypeRef::Scalar(tag) => Some(tag),
            TypeRef::Stencil(_) => None,
        }
    }

    /// The most bytes of the text that starts exactly `offset` bytes into a type.
    pub fn text_at(&self, type_ref: TypeRef, offset: u32) -> Option<u32> {
        self.text(self.leaf_at(type_ref, offset)?)
    }

    /// The scalar or text that starts exactly `offset` bytes into a type.
    pub fn leaf_at(&self, mut type_ref: TypeRef, mut offset: u32) -> Option<TypeRef> {
        while !self.is_leaf(type_ref) {
            (type_ref, offset) = self.part_around(type_ref, offset)?;
        }
        (offset == 0).then_some(type_ref)
    }

    /// Whether a type is made of no others: a scalar, or text.
    fn is_leaf(&self, type_ref: TypeRef) -> bool {
        matches!(type_ref, TypeRef::Scalar(_)) || self.text(type_ref).is_some()
    }

    /// The part that starts exactly `offset` bytes into a type; of those that start there, the one with `depth` others
    /// around it. With offset and depth 0 it is the type itself.
    pub fn part_at(&self, mut type_ref: TypeRef, mut offset: u32, mut depth: u8) -> Option<TypeRef> {
        loop {
            match (offset, depth) {
                (0, 0) => return Some(type_ref),
                (0, _) => depth -= 1,
                _ => {}
            }
            (type_ref, offset) = self.part_around(type_ref, offset)?;
        }
    }

    /// How a part is viewed: elements of which type, and how many. What is no array is one element.
    pub fn viewed(&self, part: TypeRef) -> (TypeRef, u32) {
        self.array(part).unwrap_or((part, 1))
    }

    /// The field or element that has the byte at `offset`, and where in it that byte is.
    fn part_around(&self, type_ref: TypeRef, offset: u32) -> Option<(TypeRef, u32)> {
        let entry = self.entry(type_ref).filter(|entry| offset < entry.size)?;
        let around = || {
            let place = entry.offsets.partition_point(|start| *start <= offset).checked_sub(1)?;
            Some((place, offset - entry.offsets.get(place)?))
        };
        match &entry.stencil {
            Stencil::Array(element, _) => Some((*element, offset % self.size(*element).max(1))),
            Stencil::Text(_) => None,
            Stencil::Struct { fields, .. } => around().and_then(|(place, at)| Some((fields.get(place)?.type_ref, at))),
            Stencil::Tuple(elements) => around().and_then(|(place, at)| Some((*elements.get(place)?, at))),
        }
    }

    /// The scalars and texts of a type with their offsets, in layout order; `None` if there are more than `most`.
    pub fn leaves(&self, type_ref: TypeRef, most: usize) -> Option<Vec<(u32, TypeRef)>> {
        let mut leaves = Vec::new();
        let mut work = vec![(0, type_ref)];
        while let Some((offset, part)) = work.pop() {
            if self.is_leaf(part) {
                leaves.push((offset, part));
                continue;
            }
            let (element, count) = self.array(part).unwrap_or((part, 0));
            let count = count as usize;
            if count > most || self.part_count(part) > most || count + self.part_count(part) == 0 {
                return None;
            }
            let size = self.size(element);
            let elements = (0..count as u32).map(|index| (index * size, element));
            let inner: Vec<_> = elements.chain(self.parts(part)).map(|(at, part)| (offset + at, part)).collect();
            work.extend(inner.into_iter().rev());
            if leaves.len() + work.len() > most {
                return None;
            }
        }
        Some(leaves)
    }

    /// The scalars of a type with their offsets, in layout order; `None` if there are more than `most`, or text.
    pub fn scalars(&self, type_ref: TypeRef, most: usize) -> Option<Vec<(u32, Tag)>> {
        let scalar = |(offset, leaf)| match leaf {
            TypeRef::Scalar(tag) => Some((offset, tag)),
            TypeRef::Stencil(_) => None,
        };
        self.leaves(type_ref, most)?.into_iter().map(scalar).collect()
    }

    /// The cells in which a struct or tuple is a value, with their offsets; `None` if it is none: it has too many
    /// scalars, or an array or text among its parts.
    pub fn cells(&self, type_ref: TypeRef) -> Option<Vec<(u32, Tag)>> {
        if self.entry(type_ref).is_some_and(|entry| !entry.is_flat) {
            return None;
        }
        self.scalars(type_ref, MOST_CELLS)
    }
}
