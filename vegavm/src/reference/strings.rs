//! Strings, which are spans of bytes that somebody else owns, and the bounded texts of a frame's arenas.

use super::views::{bounds, within};
use super::{Machine, Stop};
use crate::bulk;
use crate::value::{Cell, CellKind, Span};
use alloc::string::String;
use core::cmp::Ordering;
use vega_format::text;
use vega_format::trap::Trap;
use vega_format::types::Tag;

impl Machine<'_> {
    pub(super) fn string_length(&mut self) -> Result<(), Stop> {
        let span = self.pop_string()?;
        self.push_scalar(span.length as i32);
        Ok(())
    }

    pub(super) fn string_byte(&mut self) -> Result<(), Stop> {
        let index = self.pop_integer()?;
        let span = self.pop_string()?;
        let place = within(index, span.length)?;
        let bits = self.read(span.offset as usize + place, Tag::Byte)?;
        self.push(Cell::scalar(Tag::Byte, bits));
        Ok(())
    }

    /// Ends the run with the words of a string, or as many of them as a message shows.
    pub(super) fn fail(&mut self) -> Result<(), Stop> {
        const MOST_WORDS: usize = 1_000;
        let span = self.pop_string()?;
        let bytes = self.bytes(span.offset as usize, (span.length as usize).min(MOST_WORDS))?;
        Err(Trap::AssertionFailed { words: String::from_utf8_lossy(bytes).into_owned() }.into())
    }

    /// Whether two strings are equal. Bytes are looked at, and paid for, only where the lengths are equal.
    pub(super) fn same_strings(&mut self, wanted: bool) -> Result<(), Stop> {
        let second = self.pop_string()?;
        let first = self.pop_string()?;
        let mut equal = first.length == second.length;
        if equal {
            self.meter.charge_bytes(first.length.into())?;
            equal = bulk::compare(self.bytes_of(first)?, self.bytes_of(second)?, &self.meter)?.is_eq();
        }
        self.push_scalar(equal == wanted);
        Ok(())
    }

    /// Compares two strings. Bytes are paid for as far as both go.
    pub(super) fn order_strings(&mut self, wanted: fn(Ordering) -> bool) -> Result<(), Stop> {
        let second = self.pop_string()?;
        let first = self.pop_string()?;
        self.meter.charge_bytes(first.length.min(second.length).into())?;
        let order = bulk::compare(self.bytes_of(first)?, self.bytes_of(second)?, &self.meter)?;
        self.push_scalar(wanted(order));
        Ok(())
    }

    fn bytes_of(&self, span: Span) -> Result<&[u8], Stop> {
        self.bytes(span.offset as usize, span.length as usize)
    }

    pub(super) fn slice_string(&mut self) -> Result<(), Stop> {
        let end = self.pop_integer()?;
        let start = self.pop_integer()?;
        let span = self.pop_string()?;
        let (start, length) = bounds(start, end, span.length)?;
        self.push(Cell::span(CellKind::String, Span { offset: span.offset + start, length }));
        Ok(())
    }

    pub(super) fn string_char(&mut self) -> Result<(), Stop> {
        let index = self.pop_integer()?;
        let span = self.pop_string()?;
        let place = within(index, span.length)?;
        let (character, _) = text::first_char(self.bytes_of(span)?.get(place..).unwrap_or_default());
        self.push_scalar(character);
        Ok(())
    }

    pub(super) fn string_next(&mut self) -> Result<(), Stop> {
        let span = self.pop_string()?;
        let index: i32 = self.pop_scalar()?;
        let rest = usize::try_from(index).ok().and_then(|place| self.bytes_of(span).ok()?.get(place..));
        let (_, width) = text::first_char(rest.unwrap_or_default());
        self.push_scalar(index.wrapping_add(width as i32));
        Ok(())
    }

    /// Pushes what the text in a slot holds now.
    pub(super) fn view_text(&mut self, slot: u16) -> Result<(), Stop> {
        let held = self.loadable(slot)?;
        let address = self.address(held)?;
        self.push_text(address, held.size)
    }

    /// Pushes what a text holds now that stands in an element of a view.
    pub(super) fn view_text_of_view(&mut self, offset: u32) -> Result<(), Stop> {
        let (address, capacity) = self.text_of_view(offset)?;
        self.push_text(address, capacity)
    }

    fn push_text(&mut self, address: usize, capacity: u32) -> Result<(), Stop> {
        self.meter.charge_bytes(capacity.into())?;
        let length = bulk::bounded_length(self.bytes(address, capacity as usize)?, &self.meter)?;
        self.push(Cell::span(CellKind::String, Span { offset: address as u32, length: length as u32 }));
        Ok(())
    }

    /// Stores a string in the text in a slot, or appends it.
    pub(super) fn store_text(&mut self, slot: u16, append: bool) -> Result<(), Stop> {
        let held = self.storable(slot)?;
        let span = self.pop_paid()?;
        let address = self.address(held)?;
        self.write_string(address, held.size, span, append)
    }

    /// Stores a string in a text that stands in an element of a view, or appends it.
    pub(super) fn store_text_of_view(&mut self, offset: u32, append: bool) -> Result<(), Stop> {
        let span = self.pop_paid()?;
        let (address, capacity) = self.text_of_view(offset)?;
        self.write_string(address, capacity, span, append)
    }

    /// Appends what is written for a value to the text in a slot.
    pub(super) fn format_text(&mut self, slot: u16) -> Result<(), Stop> {
        let written = self.pop_written()?;
        let held = self.storable(slot)?;
        let address = self.address(held)?;
        self.append_written(address, held.size, &written)
    }

    /// Appends what is written for a value to a text that stands in an element of a view.
    pub(super) fn format_text_of_view(&mut self, offset: u32) -> Result<(), Stop> {
        let written = self.pop_written()?;
        let (address, capacity) = self.text_of_view(offset)?;
        self.append_written(address, capacity, &written)
    }

    /// Takes a string, and pays for its bytes.
    fn pop_paid(&mut self) -> Result<Span, Stop> {
        let span = self.pop_string()?;
        self.meter.charge_bytes(span.length.into())?;
        self.bytes_of(span)?;
        Ok(span)
    }

    /// Takes a value; gives what is written for it.
    fn pop_written(&mut self) -> Result<String, Stop> {
        let (tag, bits) = self.pop_value()?;
        let mut written = String::new();
        text::write_value(tag, bits, &mut written);
        Ok(written)
    }

    /// Takes an index and a view; gives the address of the text in that element, and its bytes.
    fn text_of_view(&mut self, offset: u32) -> Result<(usize, u32), Stop> {
        let index = self.pop_integer()?;
        let (element, address) = self.typed_element(index)?;
        let capacity = self.module.stencils().text_at(element, offset).ok_or(Stop::Broken("no text is there"))?;
        Ok((address + offset as usize, capacity))
    }

    fn write_string(&mut self, address: usize, capacity: u32, span: Span, append: bool) -> Result<(), Stop> {
        let (from, length) = (span.offset as usize, span.length as usize);
        let to = self.place_in_text(address, capacity, length, append)?;
        // It may be a part of the text into which it goes.
        bulk::copy_within(&mut self.memory, from, to, length, &self.meter)?;
        self.clear(to + length, address + capacity as usize - to - length)
    }

    fn append_written(&mut self, address: usize, capacity: u32, written: &str) -> Result<(), Stop> {
        let to = self.place_in_text(address, capacity, written.len(), true)?;
        self.bytes_mut(to, written.len())?.copy_from_slice(written.as_bytes());
        self.clear(to + written.len(), address + capacity as usize - to - written.len())
    }

    /// Where so many bytes go in a bounded text, if there is room for all of them. What is behind them is to be zeroed.
    fn place_in_text(&mut self, address: usize, capacity: u32, need: usize, append: bool) -> Result<usize, Stop> {
        self.meter.charge_bytes(capacity.into())?;
        let whole = self.bytes(address, capacity as usize)?;
        let length = if append { bulk::bounded_length(whole, &self.meter)? } else { 0 };
        let free = whole.len() - length;
        if need > free {
            return Err(Trap::TextFull { need: need as u64, free: free as u32, capacity }.into());
        }
        Ok(address + length)
    }
}
