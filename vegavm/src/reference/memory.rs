//! Linear memory and the arenas in it: opened behind everything that is there, ended in the opposite order.

use super::frame::Arena;
use super::{ANOTHER_TYPE, Machine, Stop};
use crate::bulk;
use crate::limits::{LimitKind, LimitReached};
use crate::meter::ARENA_BYTES;
use crate::value::{Cell, CellKind, Span, Value};
use alloc::rc::Rc;
use alloc::vec::Vec;
use vega_format::allocator::Strategy;
use vega_format::stencil::TypeRef;

impl Machine<'_> {
    /// Puts the strings of the constants, the static blocks, and the strings and elements of the host at the start of
    /// memory, and the arguments on the stack.
    pub(super) fn place_what_stays(&mut self, arguments: &[Value], statics: &[Vec<u8>]) -> Result<(), Stop> {
        let constants = self.module.string_bytes();
        self.grow(constants.len())?;
        self.memory.copy_from_slice(constants);
        self.place_statics(statics)?;
        let facts = Rc::clone(&self.frame.facts);
        for (argument, type_) in arguments.iter().zip(self.frame.function.signature.parameters) {
            match argument {
                Value::Scalar(tag, bits) => self.push_as(type_, *tag, *bits),
                Value::String(text) => {
                    let offset = self.memory.len() as u32;
                    self.grow(text.len())?;
                    self.bytes_mut(offset as usize, text.len())?.copy_from_slice(text.as_bytes());
                    self.push(Cell::span(CellKind::String, Span { offset, length: text.len() as u32 }));
                }
                Value::View(elements) => {
                    let kind = facts.parameters.get(self.cells.len() - self.frame.base);
                    let Some(kind @ CellKind::View(element)) = kind.copied() else {
                        return Err(Stop::Broken(ANOTHER_TYPE));
                    };
                    let offset = self.place_elements(elements, element)?;
                    self.push(Cell::span(kind, Span { offset, length: elements.len() as u32 }));
                }
            }
        }
        let placed = self.cells.iter().skip(self.frame.base).map(|cell| &cell.kind);
        if placed.eq(&facts.parameters) { Ok(()) } else { Err(Stop::Broken(ANOTHER_TYPE)) }
    }

    /// Adds the elements of a view; gives the offset of the first.
    fn place_elements(&mut self, elements: &[Value], element: TypeRef) -> Result<u32, Stop> {
        let size = self.module.stencils().size(element) as usize;
        let start = self.memory.len();
        // All at once, so that too many are found out before the first is there.
        self.grow(elements.len().saturating_mul(size))?;
        for (value, at) in elements.iter().zip((start..).step_by(size.max(1))) {
            match value {
                Value::Scalar(tag, bits) => self.write(at, *tag, *bits)?,
                Value::String(text) => self.bytes_mut(at, text.len())?.copy_from_slice(text.as_bytes()),
                Value::View(_) => return Err(Stop::Broken(ANOTHER_TYPE)),
            }
        }
        Ok(start as u32)
    }

    /// Opens an arena of zeroed bytes.
    pub(super) fn open_arena(&mut self, strategy: Strategy, capacity: u32) -> Result<(), Stop> {
        self.meter.charge_bytes(capacity.into())?;
        self.meter.take_memory(capacity.into())?;
        self.meter.take_bookkeeping(ARENA_BYTES)?;
        let start = self.memory.len();
        self.grow(capacity as usize)?;
        self.frame.arenas.push(Arena::new(self.arenas_opened, start, strategy, capacity));
        self.arenas_opened += 1;
        Ok(())
    }

    /// Ends the innermost arena with its slots.
    pub(super) fn end_arena(&mut self) -> Result<(), Stop> {
        let arena = self.frame.arenas.pop().ok_or(Stop::Broken("no arena is open"))?;
        self.memory.truncate(arena.start);
        self.meter.give_memory(arena.capacity().into());
        self.meter.give_bookkeeping(ARENA_BYTES);
        Ok(())
    }

    /// Adds zeroed bytes; an offset into memory has 32 bits.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Stop> {
        let reached = |maximum| LimitReached {
            kind: LimitKind::Memory,
            subject: "constants, arguments and arenas",
            value: (self.memory.len() as u64).saturating_add(bytes as u64),
            maximum,
        };
        let end = self.memory.len().checked_add(bytes).filter(|end| u32::try_from(*end).is_ok());
        let end = end.ok_or_else(|| reached(u32::MAX.into()))?;
        if self.memory.try_reserve(bytes).is_err() {
            return Err(LimitReached::of_host(end).into());
        }
        while self.memory.len() < end {
            let next = end.min(self.memory.len() + bulk::PIECE);
            self.memory.resize(next, 0);
            if next < end {
                self.meter.look()?;
            }
        }
        Ok(())
    }

    /// Zeroes bytes that are paid for.
    pub(super) fn clear(&mut self, start: usize, length: usize) -> Result<(), Stop> {
        let bytes = self.memory.get_mut(start..start.saturating_add(length));
        Ok(bulk::clear(bytes.ok_or(Stop::Broken("bytes outside memory"))?, &self.meter)?)
    }

    pub(super) fn bytes(&self, start: usize, length: usize) -> Result<&[u8], Stop> {
        let end = start.saturating_add(length);
        self.memory.get(start..end).ok_or(Stop::Broken("bytes outside memory"))
    }

    pub(super) fn bytes_mut(&mut self, start: usize, length: usize) -> Result<&mut [u8], Stop> {
        let end = start.saturating_add(length);
        self.memory.get_mut(start..end).ok_or(Stop::Broken("bytes outside memory"))
    }
}
