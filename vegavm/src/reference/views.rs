//! Views: spans of linear memory that somebody else owns. Strings have a file of their own.

use super::{Machine, Stop};
use crate::bulk;
use crate::value::{Cell, CellKind, Span};
use vega_format::stencil::TypeRef;
use vega_format::trap::Trap;
use vega_format::types::Tag;

/// An index as a place among `length` elements.
pub(super) fn within(index: i64, length: u32) -> Result<usize, Stop> {
    match u32::try_from(index) {
        Ok(place) if place < length => Ok(place as usize),
        _ => Err(Trap::IndexOutOfBounds { index, length }.into()),
    }
}

/// The ends of a slice of `length` elements as its start and length.
pub(super) fn bounds(start: i64, end: i64, length: u32) -> Result<(u32, u32), Stop> {
    match start < 0 || start > end || end > length.into() {
        true => Err(Trap::SliceOutOfBounds { start, end, length }.into()),
        false => Ok((start as u32, (end - start) as u32)),
    }
}

impl Machine<'_> {
    pub(super) fn load_from_view(&mut self, offset: u32, tag: Tag) -> Result<(), Stop> {
        let index = self.pop_integer()?;
        let address = self.view_element(index)? + offset as usize;
        let bits = self.read(address, tag)?;
        self.push(Cell::scalar(tag, bits));
        Ok(())
    }

    pub(super) fn store_to_view(&mut self, offset: u32, tag: Tag) -> Result<(), Stop> {
        let bits = self.pop_tagged(tag)?;
        let index = self.pop_integer()?;
        let address = self.view_element(index)? + offset as usize;
        self.write(address, tag, bits)
    }

    /// Takes a view; gives the address of one of its elements.
    fn view_element(&mut self, index: i64) -> Result<usize, Stop> {
        self.typed_element(index).map(|(_, address)| address)
    }

    /// The same with its type.
    pub(super) fn typed_element(&mut self, index: i64) -> Result<(TypeRef, usize), Stop> {
        let (element, span) = self.pop_view()?;
        let place = within(index, span.length)?;
        Ok((element, span.offset as usize + place * self.module.stencils().size(element) as usize))
    }

    /// Pushes a view of a part of an element.
    pub(super) fn view_part(&mut self, offset: u32, depth: u8) -> Result<(), Stop> {
        let index = self.pop_integer()?;
        let (element, address) = self.typed_element(index)?;
        self.push_part(address, element, offset, depth)
    }

    /// Copies elements, as many as the shorter view has, as if they were all read before the first is written.
    pub(super) fn copy_view(&mut self) -> Result<(), Stop> {
        let (element, destination) = self.pop_view()?;
        let (found, source) = self.pop_view()?;
        if found != element {
            return Err(Stop::Broken("a view of other elements"));
        }
        let elements = source.length.min(destination.length) as usize;
        let bytes = elements * self.module.stencils().size(element) as usize;
        self.meter.charge_bytes(bytes as u64)?;
        let (from, to) = (source.offset as usize, destination.offset as usize);
        self.bytes(from, bytes)?;
        self.bytes(to, bytes)?;
        Ok(bulk::copy_within(&mut self.memory, from, to, bytes, &self.meter)?)
    }

    pub(super) fn view_length(&mut self) -> Result<(), Stop> {
        let (_, span) = self.pop_view()?;
        self.push_scalar(span.length as i32);
        Ok(())
    }

    /// Narrows a view to the elements from start up to but not including end.
    pub(super) fn slice(&mut self) -> Result<(), Stop> {
        let end = self.pop_integer()?;
        let start = self.pop_integer()?;
        let (element, span) = self.pop_view()?;
        let (start, length) = bounds(start, end, span.length)?;
        let skipped = start * self.module.stencils().size(element);
        let span = Span { offset: span.offset + skipped, length };
        self.push(Cell::span(CellKind::View(element), span));
        Ok(())
    }
}
