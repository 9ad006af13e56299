//! Operations on cells that stand side by side: parts of views, strings, texts, unions.

use super::memory::{read_tagged, write_tagged};
use super::rest::tag_of;
use super::vm::{Stop, Vm};
use super::window;
use crate::bulk;
use crate::register::{Address, Complex, Order, Register, Shape, Stride, TextPlace};
use alloc::string::String;
use core::cmp::Ordering;
use vega_format::cell;
use vega_format::text;
use vega_format::trap::Trap;
use vega_format::types::{Mask, Tag};

/// A string or a view.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    length: u32,
}

impl Span {
    fn of(cell: u64) -> Span {
        Span { start: cell as u32, length: (cell >> 32) as u32 }
    }

    fn cell(self) -> u64 {
        u64::from(self.start) | u64::from(self.length) << 32
    }
}

/// The cells that an operation takes, and the place for its results.
struct Cells<'r> {
    registers: &'r window::Cells,
    first: Register,
}

impl Cells<'_> {
    fn get(&self, place: u16) -> u64 {
        self.registers[window::at(self.first.wrapping_add(place))].get()
    }

    fn set(&mut self, place: u16, cell: u64) {
        self.registers[window::at(self.first.wrapping_add(place))].set(cell);
    }

    fn span(&self, place: u16) -> Span {
        Span::of(self.get(place))
    }

    /// The value of this shape, and its type.
    fn value(&self, place: u16, shape: Shape) -> Result<(Tag, u64), Stop> {
        let tag = match shape {
            Shape::Scalar(tag) => Some(tag),
            Shape::Union => tag_of(self.get(place + 1)),
            Shape::String => None,
        };
        Ok((tag.ok_or(Stop::Broken("a union without a tag"))?, self.get(place)))
    }
}

/// An index as a place among so many elements.
fn within(index: u64, length: u32) -> Result<u32, Stop> {
    match u32::try_from(index) {
        Ok(place) if place < length => Ok(place),
        _ => Err(Trap::IndexOutOfBounds { index: index.cast_signed(), length }.into()),
    }
}

impl Vm<'_> {
    #[inline(never)]
    pub(crate) fn do_complex(&mut self, registers: &window::Cells, first: Register, what: Complex) -> Result<(), Stop> {
        if let Complex::Dynamic(dynamic) = what {
            return self.do_dynamic(registers, first, dynamic);
        }
        let mut cells = Cells { registers, first };
        match what {
            Complex::ViewPart { stride, length } => {
                let view = cells.span(0);
                let place = within(cells.get(1), view.length)?;
                let start = view.start + place * stride.size + stride.offset;
                cells.set(0, Span { start, length }.cell());
            }
            Complex::Slice { size } => {
                let Span { start: from, length } = cells.span(0);
                let (start, end) = (cells.get(1).cast_signed(), cells.get(2).cast_signed());
                if start < 0 || start > end || end > length.into() {
                    return Err(Trap::SliceOutOfBounds { start, end, length }.into());
                }
                let start_at = from + start as u32 * size;
                cells.set(0, Span { start: start_at, length: (end - start) as u32 }.cell());
            }
            Complex::CopyView { size } => self.copy_view(cells.span(0), cells.span(1), size)?,
            Complex::CompareStrings(order) => {
                let holds = self.compare_strings(cells.span(0), cells.span(1), order)?;
                cells.set(0, cell::from_bool(holds));
            }
            Complex::StringChar => {
                let span = cells.span(0);
                let place = within(cells.get(1), span.length)?;
                let (character, _) = text::first_char(self.string(span)?.get(place as usize..).unwrap_or_default());
                cells.set(0, cell::from_char(character));
            }
            Complex::StringNext => {
                let (index, span) = (cell::int(cells.get(0)), cells.span(1));
                let bytes = self.string(span)?;
                let rest = usize::try_from(index).ok().and_then(|place| bytes.get(place..));
                let (_, width) = text::first_char(rest.unwrap_or_default());
                cells.set(0, cell::from_int(index.wrapping_add(width as i32)));
            }
            Complex::TextView { place, capacity } => {
                let address = self.text(&cells, place)?;
                self.charge_bytes(capacity.into())?;
                let length = bulk::bounded_length(self.bytes(address, capacity as usize)?, &self.meter)?;
                cells.set(0, Span { start: address as u32, length: length as u32 }.cell());
            }
            Complex::TextStore { place, capacity, append } => {
                let span = cells.span(cells_of(place));
                self.charge_bytes(span.length.into())?;
                let (from, length) = (span.start as usize, span.length as usize);
                self.bytes(from, length)?;
                let address = self.text(&cells, place)?;
                let to = self.place_in_text(address, capacity, length, append)?;
                // It may be a part of the text into which it goes.
                bulk::copy_within(&mut self.memory, from, to, length, &self.meter)?;
                self.clear(to + length, address + capacity as usize - to - length)?;
            }
            Complex::TextFormat { place, capacity, shape } => {
                let (tag, bits) = cells.value(cells_of(place), shape)?;
                let mut written = String::new();
                text::write_value(tag, bits, &mut written);
                let address = self.text(&cells, place)?;
                let to = self.place_in_text(address, capacity, written.len(), true)?;
                self.bytes_mut(to, written.len())?.copy_from_slice(written.as_bytes());
                self.clear(to + written.len(), address + capacity as usize - to - written.len())?;
            }
            Complex::UnionAs { shape, mask } => {
                let (tag, bits) = cells.value(0, shape)?;
                if !mask.contains(tag) {
                    return Err(Trap::UnionMismatch { mask, tag }.into());
                }
                cells.set(0, bits);
                if mask.is_single().is_none() {
                    cells.set(1, tag.number().into());
                }
            }
            Complex::UnionIs { shape, mask } => {
                let (tag, _) = cells.value(0, shape)?;
                cells.set(0, cell::from_bool(mask.contains(tag)));
            }
            Complex::LoadUnion { at, tag: register } => {
                let bits = cells.registers[window::at(register)].get();
                let tag = tag_of(bits).ok_or(Stop::Broken("a union without a tag"))?;
                let address = address(cells.registers, at);
                let value = read_tagged(&self.memory, address, tag).ok_or(Stop::Broken("bytes outside memory"))?;
                cells.set(0, value);
                cells.set(1, bits);
            }
            Complex::StoreUnion { at, size, tag: register, shape } => {
                let (tag, bits) = cells.value(0, shape)?;
                let address = address(cells.registers, at);
                self.bytes_mut(address, size as usize)?.fill(0);
                let written = write_tagged(&mut self.memory, address, tag, bits);
                written.ok_or(Stop::Broken("bytes outside memory"))?;
                cells.registers[window::at(register)].set(tag.number().into());
            }
            Complex::Fail => {
                const MOST_WORDS: usize = 1_000;
                let bytes = self.string(cells.span(0))?;
                let bytes = bytes.get(..bytes.len().min(MOST_WORDS)).unwrap_or_default();
                return Err(Trap::AssertionFailed { words: String::from_utf8_lossy(bytes).into_owned() }.into());
            }
            Complex::Dynamic(_) => {}
        }
        Ok(())
    }

    fn string(&self, span: Span) -> Result<&[u8], Stop> {
        self.bytes(span.start as usize, span.length as usize)
    }

    /// Copies elements, as many as the shorter view has, as if they were all read before the first is written.
    fn copy_view(&mut self, source: Span, destination: Span, size: u32) -> Result<(), Stop> {
        let bytes = source.length.min(destination.length) as usize * size as usize;
        self.charge_bytes(bytes as u64)?;
        let (from, to) = (source.start as usize, destination.start as usize);
        self.bytes(from, bytes)?;
        self.bytes(to, bytes)?;
        Ok(bulk::copy_within(&mut self.memory, from, to, bytes, &self.meter)?)
    }

    /// Bytes are paid for as far as they are looked at: to tell whether strings are equal, only where they are as long.
    fn compare_strings(&mut self, first: Span, second: Span, order: Order) -> Result<bool, Stop> {
        if let Order::Equal | Order::NotEqual = order {
            let mut equal = first.length == second.length;
            if equal {
                self.charge_bytes(first.length.into())?;
                equal = bulk::compare(self.string(first)?, self.string(second)?, &self.meter)?.is_eq();
            }
            return Ok(equal == (order == Order::Equal));
        }
        self.charge_bytes(first.length.min(second.length).into())?;
        let found = bulk::compare(self.string(first)?, self.string(second)?, &self.meter)?;
        Ok(match order {
            Order::Less => found == Ordering::Less,
            Order::LessOrEqual => found != Ordering::Greater,
            Order::Greater => found == Ordering::Greater,
            Order::Equal | Order::NotEqual | Order::GreaterOrEqual => found != Ordering::Less,
        })
    }

    /// The address of a bounded text.
    fn text(&self, cells: &Cells<'_>, place: TextPlace) -> Result<usize, Stop> {
        match place {
            TextPlace::At(at) => Ok(address(cells.registers, at)),
            TextPlace::InView(Stride { size, offset }) => {
                let view = cells.span(0);
                let place = within(cells.get(1), view.length)?;
                Ok((view.start + place * size + offset) as usize)
            }
        }
    }

    /// Where so many bytes go in a bounded text, if there is room for all of them. What is behind them is to be zeroed.
    fn place_in_text(&mut self, address: usize, capacity: u32, need: usize, append: bool) -> Result<usize, Stop> {
        self.charge_bytes(capacity.into())?;
        let whole = self.bytes(address, capacity as usize)?;
        let length = if append { bulk::bounded_length(whole, &self.meter)? } else { 0 };
        let free = whole.len() - length;
        if need > free {
            return Err(Trap::TextFull { need: need as u64, free: free as u32, capacity }.into());
        }
        Ok(address + length)
    }
}

/// How many cells a place takes below the others.
fn cells_of(place: TextPlace) -> u16 {
    match place {
        TextPlace::At(_) => 0,
        TextPlace::InView(_) => 2,
    }
}

/// Where bytes stand.
fn address(registers: &window::Cells, at: Address) -> usize {
    let base = at.base.map_or(0, |base| registers[window::at(base)].get());
    (base + u64::from(at.offset)) as usize
}

/// The number of a tag that a slot may hold.
pub(super) fn stored(mask: Mask, slot: u16, (tag, bits): (Tag, u64)) -> Result<(Tag, u64), Stop> {
    match mask.contains(tag) {
        true => Ok((tag, bits)),
        false => Err(Trap::TypeMismatch { slot, mask, tag }.into()),
    }
}
