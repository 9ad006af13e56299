//! Variables, aliases, structs and arrays: what lies in the arenas of a frame.

use super::frame::{Found, Held};
use super::{Machine, Stop};
use crate::value::{Cell, CellKind, Span};
use vega_format::cell;
use vega_format::container::SlotKind;
use vega_format::stencil::TypeRef;
use vega_format::trap::Trap;
use vega_format::types::Tag;

impl Machine<'_> {
    /// The slot, to be read; it must be there.
    pub(super) fn loadable(&self, slot: u16) -> Result<Held, Stop> {
        match self.frame.find(slot) {
            Found::Live(held) => Ok(held),
            Found::Ended => Err(Trap::UseAfterFree { slot }.into()),
            Found::Never => Err(Trap::NeverAllocated { slot }.into()),
        }
    }

    /// The slot, to be written; it must be there.
    pub(super) fn storable(&self, slot: u16) -> Result<Held, Stop> {
        match self.frame.find(slot) {
            Found::Live(held) => Ok(held),
            Found::Ended => Err(Trap::StoreAfterFree { slot }.into()),
            Found::Never => Err(Trap::NeverAllocated { slot }.into()),
        }
    }

    /// Where a slot's bytes start in linear memory.
    pub(super) fn address(&self, held: Held) -> Result<usize, Stop> {
        let arena = self.frame.arenas.get(held.arena).ok_or(Stop::Broken("a slot without an arena"))?;
        Ok(arena.start + held.offset as usize)
    }

    /// The value whose bytes start at an address.
    pub(super) fn read(&self, address: usize, tag: Tag) -> Result<u64, Stop> {
        Ok(cell::decode(tag, self.bytes(address, tag.size() as usize)?))
    }

    /// Writes the bytes of a value at an address.
    pub(super) fn write(&mut self, address: usize, tag: Tag, bits: u64) -> Result<(), Stop> {
        let (bytes, length) = cell::encode(tag, bits);
        let bytes = bytes.get(..length).unwrap_or_default();
        self.bytes_mut(address, length)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Reserves bytes in the innermost arena.
    pub(super) fn allocate(&mut self, slot: u16, size: u32) -> Result<(), Stop> {
        if let Found::Live(_) = self.frame.find(slot) {
            return Err(Trap::AlreadyAllocated { slot }.into());
        }
        let arena = self.frame.arenas.last_mut().ok_or(Stop::Broken("no arena is open"))?;
        let offset = match self.frame.facts.place(self.frame.at) {
            Some(place) => {
                let taken = arena.places.allocate_at(place, size);
                taken.map_err(|_| Stop::Broken("a slot whose place in the static layout is not free"))?;
                place
            }
            None => arena.places.allocate(size).map_err(|full| Trap::OutOfMemory {
                need: full.need,
                free: full.free,
                largest: full.largest,
            })?,
        };
        self.frame.hold(slot, offset, size, None);
        Ok(())
    }

    /// Stores a value: its bytes, then zeroes up to the slot's width.
    pub(super) fn store(&mut self, slot: u16) -> Result<(), Stop> {
        let (tag, bits) = self.pop_value()?;
        let held = self.storable(slot)?;
        let mask = match self.frame.kind(slot) {
            Some(SlotKind::Variable(mask)) => mask,
            Some(SlotKind::Alias(tag)) => tag.mask(),
            _ => return Err(Stop::Broken("the slot is no variable")),
        };
        if !mask.contains(tag) {
            return Err(Trap::TypeMismatch { slot, mask, tag }.into());
        }
        let address = self.address(held)?;
        self.bytes_mut(address, held.size as usize)?.fill(0);
        self.write(address, tag, bits)?;
        self.frame.set_tag(slot, tag);
        Ok(())
    }

    /// Pushes the value of a variable or an alias: a scalar, or a union's value and tag.
    pub(super) fn load(&mut self, slot: u16) -> Result<(), Stop> {
        let held = self.loadable(slot)?;
        let tag = held.tag.ok_or(Trap::NeverStored { slot })?;
        let bits = self.read(self.address(held)?, tag)?;
        match self.frame.kind(slot) {
            Some(SlotKind::Variable(mask)) if mask.is_single().is_none() => {
                self.push_union(mask, tag, bits);
            }
            _ => self.push(Cell::scalar(tag, bits)),
        }
        Ok(())
    }

    /// Zeroes the bytes of a slot and returns them to its arena, if that takes bytes back.
    pub(super) fn free(&mut self, slot: u16) -> Result<(), Stop> {
        let is_alias = matches!(self.frame.kind(slot), Some(SlotKind::Alias(_)));
        match self.frame.find(slot) {
            Found::Never => Err(Trap::NeverAllocated { slot }.into()),
            Found::Live(_) | Found::Ended if is_alias => Err(Trap::FreeOfAlias { slot }.into()),
            Found::Ended => Err(Trap::DoubleFree { slot }.into()),
            Found::Live(held) => self.release(slot, held),
        }
    }

    /// Frees a variable that is there, forgets an alias that is there, does nothing otherwise.
    pub(super) fn forget(&mut self, slot: u16) -> Result<(), Stop> {
        let is_alias = matches!(self.frame.kind(slot), Some(SlotKind::Alias(_)));
        match self.frame.find(slot) {
            Found::Live(_) if is_alias => self.frame.end(slot),
            Found::Live(held) => self.release(slot, held)?,
            Found::Never | Found::Ended => {}
        }
        Ok(())
    }

    fn release(&mut self, slot: u16, held: Held) -> Result<(), Stop> {
        self.meter.charge_bytes(held.size.into())?;
        let address = self.address(held)?;
        self.clear(address, held.size as usize)?;
        let arena = self.frame.arenas.get_mut(held.arena).ok_or(Stop::Broken("a slot without an arena"))?;
        arena.places.release(held.offset, held.size).map_err(|_| Stop::Broken("a slot whose bytes are free"))?;
        self.frame.end(slot);
        Ok(())
    }

    /// Makes a slot an alias that views bytes of the innermost arena, or moves it there.
    pub(super) fn point(&mut self, slot: u16, tag: Tag) -> Result<(), Stop> {
        let offset = self.pop_integer()?;
        let arena = self.frame.arenas.last().ok_or(Stop::Broken("no arena is open"))?;
        let (size, capacity) = (tag.size(), arena.capacity());
        let last = i64::from(capacity) - i64::from(size);
        if offset < 0 || offset > last {
            return Err(Trap::AliasOutOfBounds { offset, size, capacity }.into());
        }
        self.frame.hold(slot, offset as u32, size, Some(tag));
        Ok(())
    }

    /// Pushes the offset of a slot in its arena.
    pub(super) fn offset(&mut self, slot: u16) -> Result<(), Stop> {
        let held = self.loadable(slot)?;
        self.push_scalar::<i32>(held.offset as i32);
        Ok(())
    }

    pub(super) fn store_field(&mut self, slot: u16, offset: u32, tag: Tag) -> Result<(), Stop> {
        let bits = self.pop_tagged(tag)?;
        let held = self.storable(slot)?;
        self.write(self.address(held)? + offset as usize, tag, bits)
    }

    pub(super) fn load_field(&mut self, slot: u16, offset: u32, tag: Tag) -> Result<(), Stop> {
        let held = self.loadable(slot)?;
        let bits = self.read(self.address(held)? + offset as usize, tag)?;
        self.push(Cell::scalar(tag, bits));
        Ok(())
    }

    pub(super) fn load_element(&mut self, slot: u16, offset: u32, tag: Tag) -> Result<(), Stop> {
        let index = self.pop_integer()?;
        let held = self.loadable(slot)?;
        let address = self.element(slot, held, index)? + offset as usize;
        let bits = self.read(address, tag)?;
        self.push(Cell::scalar(tag, bits));
        Ok(())
    }

    pub(super) fn store_element(&mut self, slot: u16, offset: u32, tag: Tag) -> Result<(), Stop> {
        let bits = self.pop_tagged(tag)?;
        let index = self.pop_integer()?;
        let held = self.storable(slot)?;
        let address = self.element(slot, held, index)? + offset as usize;
        self.write(address, tag, bits)
    }

    /// The address of an element of an array.
    fn element(&self, slot: u16, held: Held, index: i64) -> Result<usize, Stop> {
        let (element, length) = self.array(slot)?;
        let place = super::views::within(index, length)?;
        Ok(self.address(held)? + place * self.module.stencils().size(element) as usize)
    }

    fn array(&self, slot: u16) -> Result<(TypeRef, u32), Stop> {
        let array = match self.frame.kind(slot) {
            Some(SlotKind::Stencil(type_ref)) => self.module.stencils().array(type_ref),
            _ => None,
        };
        array.ok_or(Stop::Broken("the slot is no array"))
    }

    /// Pushes a view of a part of a struct, tuple or array.
    pub(super) fn view_field(&mut self, slot: u16, offset: u32, depth: u8) -> Result<(), Stop> {
        let held = self.loadable(slot)?;
        let Some(SlotKind::Stencil(type_ref)) = self.frame.kind(slot) else {
            return Err(Stop::Broken("the slot is no struct, tuple or array"));
        };
        self.push_part(self.address(held)?, type_ref, offset, depth)
    }

    /// Pushes a view of a part of what stands at an address.
    pub(super) fn push_part(&mut self, address: usize, type_ref: TypeRef, offset: u32, depth: u8) -> Result<(), Stop> {
        let stencils = self.module.stencils();
        let part = stencils.part_at(type_ref, offset, depth).ok_or(Stop::Broken("no such part"))?;
        let (element, length) = stencils.viewed(part);
        let offset = (address + offset as usize) as u32;
        self.push(Cell::span(CellKind::View(element), Span { offset, length }));
        Ok(())
    }

    /// Pushes a view of all elements of an array.
    pub(super) fn view_array(&mut self, slot: u16) -> Result<(), Stop> {
        let held = self.loadable(slot)?;
        let (element, length) = self.array(slot)?;
        let offset = self.address(held)? as u32;
        self.push(Cell::span(CellKind::View(element), Span { offset, length }));
        Ok(())
    }
}
