//! Slots whose places depend on the path: a slot table for each frame that has such, and an allocator for each arena.

use super::complex::stored;
use super::memory::{read_tagged, write_tagged};
use super::rest::tag_of;
use super::vm::{Stop, Vm};
use super::window::{Cells, at};
use crate::register::{Dynamic, Register, Shape};
use crate::trap::ArenaReport;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use vega_format::allocator::Allocator;
use vega_format::cell;
use vega_format::container::SlotKind;
use vega_format::trap::Trap;
use vega_format::types::Tag;

/// A slot that is there, as long as its arena is.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// The number of its arena; no two have one.
    arena: u64,
    address: usize,
    size: u32,
    tag: Option<Tag>,
}

/// An open arena.
#[derive(Debug)]
struct Arena {
    number: u64,
    start: usize,
    capacity: u32,
    places: Allocator,
}

/// The slots of a frame.
#[derive(Debug)]
struct Table {
    /// How many frames wait below it.
    depth: usize,
    /// Outermost first.
    arenas: Vec<Arena>,
    /// Those that were there once; `None` for those that were freed.
    slots: BTreeMap<u16, Option<Held>>,
}

impl Table {
    fn find(&self, slot: u16) -> Found {
        match self.slots.get(&slot) {
            None => Found::Never,
            Some(Some(held)) if self.arenas.iter().any(|arena| arena.number == held.arena) => Found::Live(*held),
            Some(_) => Found::Ended,
        }
    }
}

enum Found {
    Never,
    Ended,
    Live(Held),
}

/// The tables of the frames that have one.
#[derive(Debug, Default)]
pub(super) struct Tables {
    tables: Vec<Table>,
    opened: u64,
}

impl Tables {
    /// The table of the innermost frame.
    fn at(&mut self, depth: usize) -> Option<&mut Table> {
        if self.tables.last().is_none_or(|table| table.depth != depth) {
            self.tables.push(Table { depth, arenas: Vec::new(), slots: BTreeMap::new() });
        }
        self.tables.last_mut()
    }
}

impl Vm<'_> {
    pub(super) fn do_dynamic(&mut self, registers: &Cells, first: Register, what: Dynamic) -> Result<(), Stop> {
        let depth = self.depth;
        if let Dynamic::Leave = what {
            self.tables.tables.pop_if(|table| table.depth == depth);
            return Ok(());
        }
        if let Dynamic::Open { strategy, capacity, base } = what {
            let start = self.open(capacity)?;
            self.tables.opened += 1;
            let number = self.tables.opened;
            let places = Allocator::new(strategy, capacity);
            let table = self.tables.at(depth).ok_or(NO_TABLE)?;
            table.arenas.push(Arena { number, start, capacity, places });
            registers[at(base)].set(start as u64);
            return Ok(());
        }
        let table = self.tables.at(depth).ok_or(NO_TABLE)?;
        match what {
            Dynamic::Allocate { slot, size } => {
                if let Found::Live(_) = table.find(slot) {
                    return Err(Trap::AlreadyAllocated { slot }.into());
                }
                let arena = table.arenas.last_mut().ok_or(Stop::Broken("no arena is open"))?;
                let offset = arena.places.allocate(size).map_err(|full| Trap::OutOfMemory {
                    need: full.need,
                    free: full.free,
                    largest: full.largest,
                })?;
                let address = arena.start + offset as usize;
                let held = Held { arena: arena.number, address, size, tag: None };
                table.slots.insert(slot, Some(held));
            }
            Dynamic::Resolve { slot, write, to } => {
                let held = if write { storable(table, slot)? } else { loadable(table, slot)? };
                registers[at(to)].set(held.address as u64);
            }
            Dynamic::Load { slot, union } => {
                let held = loadable(table, slot)?;
                let tag = held.tag.ok_or(Trap::NeverStored { slot })?;
                let bits = read_tagged(&self.memory, held.address, tag).ok_or(OUTSIDE)?;
                registers[at(first)].set(bits);
                if union {
                    registers[at(first.wrapping_add(1))].set(tag.number().into());
                }
            }
            Dynamic::Store { slot, mask, shape } => {
                let bits = registers[at(first)].get();
                let held = storable(table, slot)?;
                let tag = match shape {
                    Shape::Scalar(tag) => Some(tag),
                    _ => tag_of(registers[at(first.wrapping_add(1))].get()),
                };
                let tag = tag.ok_or(Stop::Broken("a union without a tag"))?;
                let (tag, bits) = stored(mask, slot, (tag, bits))?;
                if let Some(Some(held)) = table.slots.get_mut(&slot) {
                    held.tag = Some(tag);
                }
                self.bytes_mut(held.address, held.size as usize)?.fill(0);
                write_tagged(&mut self.memory, held.address, tag, bits).ok_or(OUTSIDE)?;
            }
            Dynamic::Free { slot, alias } => match table.find(slot) {
                Found::Never => return Err(Trap::NeverAllocated { slot }.into()),
                _ if alias => return Err(Trap::FreeOfAlias { slot }.into()),
                Found::Ended => return Err(Trap::DoubleFree { slot }.into()),
                Found::Live(held) => self.release(slot, held)?,
            },
            Dynamic::Drop { slot, alias } => match table.find(slot) {
                Found::Live(_) if alias => {
                    table.slots.insert(slot, None);
                }
                Found::Live(held) => self.release(slot, held)?,
                Found::Never | Found::Ended => {}
            },
            Dynamic::Point { slot, tag, address } => {
                let address = registers[at(address)].get() as usize;
                let number = table.arenas.last().ok_or(Stop::Broken("no arena is open"))?.number;
                let held = Held { arena: number, address, size: tag.size(), tag: Some(tag) };
                table.slots.insert(slot, Some(held));
            }
            Dynamic::Offset { slot } => {
                let held = loadable(table, slot)?;
                let start = table.arenas.iter().find(|arena| arena.number == held.arena).map_or(0, |arena| arena.start);
                registers[at(first)].set(cell::from_int((held.address - start) as i32));
            }
            Dynamic::Close => {
                let arena = table.arenas.pop().ok_or(Stop::Broken("no arena is open"))?;
                self.close(arena.capacity);
            }
            Dynamic::Open { .. } | Dynamic::Leave => {}
        }
        Ok(())
    }

    /// What lies around the largest hole of the innermost arena, which has run out; its frame is one of this function.
    pub(super) fn report_arena(&self, function: u32) -> Option<ArenaReport> {
        let table = self.tables.tables.last()?;
        let arena = table.arenas.last()?;
        let kinds = self.module.function(function)?.slots;
        let is_alias = |slot: u16| matches!(kinds.get(usize::from(slot)), Some(SlotKind::Alias(_)));
        let slots = table.slots.iter().filter_map(|(slot, held)| {
            let held = held.as_ref().filter(|held| held.arena == arena.number && !is_alias(*slot))?;
            let start = (held.address - arena.start) as u32;
            Some((*slot, start..start + held.size))
        });
        Some(ArenaReport::of(self.module, function, slots, arena.places.free()))
    }

    /// Zeroes the bytes of a slot and gives them back to its arena.
    fn release(&mut self, slot: u16, held: Held) -> Result<(), Stop> {
        self.charge_bytes(held.size.into())?;
        self.clear(held.address, held.size as usize)?;
        let depth = self.depth;
        let table = self.tables.at(depth).ok_or(NO_TABLE)?;
        if let Some(arena) = table.arenas.iter_mut().find(|arena| arena.number == held.arena) {
            let released = arena.places.release((held.address - arena.start) as u32, held.size);
            released.map_err(|_| Stop::Broken("a slot whose bytes are free"))?;
        }
        table.slots.insert(slot, None);
        Ok(())
    }
}

const NO_TABLE: Stop = Stop::Broken("a frame without a table");
const OUTSIDE: Stop = Stop::Broken("bytes outside memory");

fn loadable(table: &Table, slot: u16) -> Result<Held, Stop> {
    match table.find(slot) {
        Found::Live(held) => Ok(held),
        Found::Ended => Err(Trap::UseAfterFree { slot }.into()),
        Found::Never => Err(Trap::NeverAllocated { slot }.into()),
    }
}

fn storable(table: &Table, slot: u16) -> Result<Held, Stop> {
    match table.find(slot) {
        Found::Live(held) => Ok(held),
        Found::Ended => Err(Trap::StoreAfterFree { slot }.into()),
        Found::Never => Err(Trap::NeverAllocated { slot }.into()),
    }
}
