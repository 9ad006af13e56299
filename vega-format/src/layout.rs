//! Where every slot of every arena stands, and from which line to which it lives.

use crate::allocator::Strategy;
use crate::container::{FunctionDebug, SlotKind};
use crate::stencil::StencilTable;
use crate::text::{counted, escaped, write_table};
use crate::verify::{Arenas, Placement, Site, Verified};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

/// The arenas of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Layout {
    /// The version of this form.
    pub schema_version: u32,
    /// All arenas, by function and offset.
    pub arenas: Vec<ArenaLayout>,
}

/// An `alloc` block.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ArenaLayout {
    /// The readable name of its function.
    pub function: String,
    /// The offset of the instruction that opens it.
    pub offset: u32,
    /// The source line of that.
    pub line: Option<u32>,
    /// Its bytes.
    pub capacity: u32,
    /// How it places slots.
    pub strategy: Strategy,
    /// Whether every offset in it is a constant.
    pub is_static: bool,
    /// The smallest capacity that is enough; an alias whose place is computed may be anywhere. Where the layout is dynamic it is
    /// not known, nor are the next two.
    pub high_water: Option<u32>,
    /// Its slots, in the order in which they are allocated, and behind them the aliases into it, in that in which they are made.
    pub slots: Option<Vec<SlotLayout>>,
    /// Ranges of bytes that no slot ever takes.
    pub never_used: Option<Vec<(u32, u32)>>,
}

/// A slot with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SlotLayout {
    /// Its number.
    pub slot: u16,
    /// Its name, if the file has names.
    pub name: String,
    /// Its type as source spells it; of an alias, with a `*` before it.
    pub type_name: String,
    /// The mask of its types in binary; empty for a struct, tuple or array.
    pub mask: String,
    /// The offset of its first byte.
    pub start: u32,
    /// The offset behind its last byte.
    pub end: u32,
    /// The offset of the instruction that allocates it.
    pub first_offset: u32,
    /// The offset of the instruction with which it ends.
    pub last_offset: u32,
    /// The source line where it is allocated.
    pub first_line: Option<u32>,
    /// The source line where it ends.
    pub last_line: Option<u32>,
}

impl Layout {
    /// The version of the form of a layout as data.
    pub const SCHEMA_VERSION: u32 = 1;

    /// The arenas of a module.
    pub fn of(module: &Verified) -> Layout {
        Layout::of_functions(module, 0..module.module().function_count())
    }

    /// The arenas of some functions of a module.
    pub fn of_functions(module: &Verified, functions: impl Iterator<Item = u32>) -> Layout {
        let arenas = functions.flat_map(|function| function_layout(module, function)).collect();
        Layout { schema_version: Layout::SCHEMA_VERSION, arenas }
    }
}

fn function_layout(module: &Verified, index: u32) -> Vec<ArenaLayout> {
    let Arenas { sites, placements, aliases, .. } = module.arenas(index);
    let debug = module.module().debug(index);
    let mut by_site: Vec<Vec<&Placement>> = vec![Vec::new(); sites.len()];
    for placement in placements.iter().chain(&aliases) {
        by_site.iter_mut().skip(placement.site).take(1).for_each(|here| here.push(placement));
    }
    let arena = |(site, here): (&Site, Vec<&Placement>)| ArenaLayout {
        function: module.module().function(index).map(|function| function.signature.to_string()).unwrap_or_default(),
        offset: site.offset,
        line: debug.as_ref().and_then(|debug| debug.line_at(site.offset)),
        capacity: site.capacity,
        strategy: site.strategy,
        is_static: site.is_static(),
        high_water: site
            .is_static()
            .then(|| here.iter().map(|slot| slot.at.saturating_add(slot.size)).fold(site.high_water, u32::max)),
        slots: site
            .is_static()
            .then(|| here.iter().map(|placement| slot_layout(module, index, debug.as_ref(), placement)).collect()),
        never_used: site.is_static().then(|| never_used(site.capacity, &here)),
    };
    sites.iter().zip(by_site).map(arena).collect()
}

fn slot_layout(module: &Verified, function: u32, debug: Option<&FunctionDebug>, placement: &Placement) -> SlotLayout {
    let parsed = module.module();
    let kind = parsed.function(function).and_then(|function| function.slots.get(usize::from(placement.slot)).copied());
    let mask = match kind {
        Some(SlotKind::Variable(mask)) => mask.binary(),
        Some(SlotKind::Alias(tag)) => tag.mask().binary(),
        Some(SlotKind::Stencil(_)) | None => String::new(),
    };
    SlotLayout {
        slot: placement.slot,
        name: debug
            .and_then(|debug| debug.slots.get(usize::from(placement.slot)))
            .map(ToString::to_string)
            .unwrap_or_default(),
        type_name: match kind {
            Some(SlotKind::Alias(tag)) => format!("*{}", tag.name()),
            Some(kind) => kind.type_name(parsed.stencils()),
            None => String::new(),
        },
        mask,
        start: placement.at,
        end: placement.at.saturating_add(placement.size),
        first_offset: placement.offset,
        last_offset: placement.end,
        first_line: debug.and_then(|debug| debug.line_at(placement.offset)),
        last_line: debug.and_then(|debug| debug.line_at(placement.end)),
    }
}

fn never_used(capacity: u32, placements: &[&Placement]) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> =
        placements.iter().map(|placement| (placement.at, placement.at.saturating_add(placement.size))).collect();
    ranges.sort_unstable();
    let mut holes = Vec::new();
    let mut end = 0;
    for (start, stop) in ranges {
        if start > end && end < capacity {
            holes.push((end, start.min(capacity)));
        }
        end = end.max(stop);
    }
    if end < capacity {
        holes.push((end, capacity));
    }
    holes
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, arena) in self.arenas.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{arena}")?;
        }
        if self.arenas.is_empty() {
            writeln!(f, "no arenas")?;
        }
        Ok(())
    }
}

impl fmt::Display for ArenaLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.line.map_or_else(|| format!("code 0x{:04x}", self.offset), |line| format!("line {line}"));
        write!(f, "{}, alloc {}{} at {at}: ", self.function, self.capacity, self.strategy)?;
        match self.high_water {
            None => return writeln!(f, "dynamic layout, what stands where is known only as it runs"),
            Some(bytes) if bytes > StencilTable::MOST_BYTES => {
                writeln!(f, "runs out of memory; no arena is large enough")?
            }
            Some(bytes) if bytes > self.capacity => {
                writeln!(f, "runs out of memory; an arena of {} is enough", counted(bytes, "byte"))?
            }
            Some(bytes) => writeln!(f, "uses {}, never out of memory", counted(bytes, "byte"))?,
        }
        let lines = |slot: &SlotLayout| match (slot.first_line, slot.last_line) {
            (Some(first), Some(last)) if first != last => format!("lines {first} to {last}"),
            (Some(line), _) => format!("line {line}"),
            _ => format!("code 0x{:04x} to 0x{:04x}", slot.first_offset, slot.last_offset),
        };
        let rows = self.slots.iter().flatten().map(|slot| {
            let bytes = format!("[{}..{})", slot.start, slot.end);
            let name = escaped(&slot.name);
            [slot.slot.to_string(), name, slot.type_name.clone(), bytes, slot.mask.clone(), lines(slot)]
        });
        let head = ["slot", "name", "type", "bytes", "mask", "life"].map(str::to_owned);
        let table: Vec<[String; 6]> = core::iter::once(head).chain(rows).collect();
        if table.len() > 1 {
            write_table(f, &table)?;
        }
        if let Some(holes) = self.never_used.as_ref().filter(|holes| !holes.is_empty()) {
            let holes = holes.iter().map(|(start, end)| format!("[{start}..{end})"));
            writeln!(f, "  never used: {}", holes.collect::<Vec<_>>().join(" "))?;
        }
        Ok(())
    }
}
