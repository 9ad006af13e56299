//! A trap with everything that is known about the place where it happened.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;
use vega_format::free_list::FreeList;
use vega_format::instruction::Instruction;
use vega_format::parsed::Parsed;
use vega_format::text::{counted, escaped, line_of};
use vega_format::trap::Trap;

/// The most frames that a report keeps; of a deeper stack, half from each end.
pub const MOST_FRAMES: usize = 20;

/// A place in a function that was running.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameReport {
    /// The function for people: `geometry.norm(geometry.point) -> decimal`.
    pub function: String,
    /// Its mangled name.
    pub mangled: String,
    /// Offset of the instruction in the function's code.
    pub ip: u32,
    /// The cell of the frame that the next value would take: parameters count first, as in `CELL_LOAD`.
    pub sp: u32,
    /// The mnemonic of the instruction.
    pub mnemonic: &'static str,
    /// Source and line, if the file says so.
    pub source: Option<(String, u32)>,
}

impl FrameReport {
    /// An instruction of a function, before which the next value would take this cell.
    pub(crate) fn of(module: &Parsed<'_>, function: u32, ip: u32, sp: u32) -> FrameReport {
        let source = module.source_line(function, ip).map(|(source, line)| (source.to_owned(), line));
        let function = module.function(function);
        let code = function.and_then(|function| function.code.get(ip as usize..)).unwrap_or_default();
        let mnemonic = Instruction::decode(code).map_or("", |(instruction, _)| instruction.row().mnemonic);
        let mangled = function.map_or("", |function| function.name).to_owned();
        let words = function.map(|function| function.signature.to_string()).unwrap_or_default();
        FrameReport { function: words, mangled, ip, sp, mnemonic, source }
    }
}

impl fmt::Display for FrameReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        if let Some((source, line)) = &self.source {
            write!(f, " at {}", line_of(source, *line))?;
        }
        write!(f, " ({}, ip {:#06x}, sp {})", self.mnemonic, self.ip, self.sp)
    }
}

/// A part of an arena: bytes of a slot, or free ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArenaPart {
    /// Offsets in the arena.
    pub bytes: Range<u32>,
    /// The name of the slot, or its id; free bytes have none.
    pub slot: Option<String>,
}

/// What lies around the largest hole of an arena.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArenaReport {
    /// The bytes of the arena.
    pub capacity: u32,
    /// Its parts by rising offset; of many, some.
    pub parts: Vec<ArenaPart>,
}

impl ArenaReport {
    /// What lies around the largest hole of an arena of a function, of its slots by number and what is free.
    pub(crate) fn of(
        module: &Parsed<'_>,
        function: u32,
        slots: impl Iterator<Item = (u16, Range<u32>)>,
        free: &FreeList,
    ) -> ArenaReport {
        const AROUND: usize = 3;
        let names = module.debug(function).map(|debug| debug.slots).unwrap_or_default();
        let name = |id: u16| name_of(&names, id).unwrap_or_else(|| format!("slot {id}"));
        let slots = slots.map(|(id, bytes)| (bytes, Some(id)));
        let holes = free.blocks().map(|(start, size)| (start..start + size, None));
        let mut parts: Vec<_> = slots.chain(holes).collect();
        parts.sort_by_key(|(bytes, _)| bytes.start);
        let size = |(_, (bytes, slot)): &(usize, &(Range<u32>, Option<u16>))| {
            if slot.is_none() { bytes.len() } else { 0 }
        };
        let largest = parts.iter().enumerate().max_by_key(size).map_or(0, |(place, _)| place);
        let around = largest.saturating_sub(AROUND)..parts.len().min(largest + AROUND + 1);
        let parts = parts.into_iter().skip(around.start).take(around.len());
        let parts = parts.map(|(bytes, slot)| ArenaPart { bytes, slot: slot.map(name) });
        ArenaReport { capacity: free.capacity(), parts: parts.collect() }
    }
}

/// The name of a slot, if the file has it.
fn name_of<S: AsRef<str>>(names: &[S], slot: u16) -> Option<String> {
    names.get(usize::from(slot)).map(AsRef::as_ref).filter(|name| !name.is_empty()).map(escaped)
}

impl fmt::Display for ArenaReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let capacity = counted(self.capacity, "byte");
        if self.parts.is_empty() {
            return write!(f, "the arena of {capacity} is used up, and gives nothing back before it ends");
        }
        write!(f, "the arena of {capacity} has")?;
        if self.parts.first().is_some_and(|part| part.bytes.start > 0) {
            f.write_str(" …")?;
        }
        for (place, ArenaPart { bytes, slot }) in self.parts.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let name = slot.as_ref().map_or("free".to_owned(), |slot| format!("`{slot}`"));
            write!(f, "{comma} {name} [{}..{})", bytes.start, bytes.end)?;
        }
        match self.parts.last() {
            Some(part) if part.bytes.end < self.capacity => f.write_str(" …"),
            _ => Ok(()),
        }
    }
}

/// Where a run stopped, and how execution got there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallStack {
    /// The instruction.
    pub at: FrameReport,
    /// The callers, innermost first.
    pub callers: Vec<FrameReport>,
    /// How many callers are left out, after the first half of those that are told.
    pub omitted: usize,
}

impl CallStack {
    /// An instruction and the calls that led there: so many, of which each is described by its place, the innermost being 0.
    pub(crate) fn of(at: FrameReport, depth: usize, caller: impl Fn(usize) -> Option<FrameReport>) -> CallStack {
        let half = MOST_FRAMES / 2;
        let omitted = depth.saturating_sub(MOST_FRAMES);
        let told = (0..depth).filter(|place| omitted == 0 || *place < half || *place >= depth - half);
        CallStack { at, callers: told.filter_map(caller).collect(), omitted }
    }

    /// The callers as lines: `called from main() at a.vg:3 (CALL, ip 0x0010, sp 0)`.
    pub fn caller_lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.callers.iter().map(|caller| format!("called from {caller}")).collect();
        if self.omitted > 0 {
            let middle = lines.len().min(MOST_FRAMES / 2);
            lines.insert(middle, format!("… {} …", counted(self.omitted, "more frame")));
        }
        lines
    }
}

impl fmt::Display for CallStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at)?;
        self.caller_lines().into_iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// A trap, where it happened, and how execution got there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrapReport {
    /// What happened.
    pub trap: Trap,
    /// The instruction that trapped, and the calls that led there.
    pub stack: CallStack,
    /// The name of the slot of which the trap speaks, if the file has it.
    pub slot: Option<String>,
    /// Of an arena of static layout that ran out: the smallest size that is enough.
    pub enough: Option<u32>,
    /// Of an arena that ran out: what is in it, if the engine knows that.
    pub arena: Option<ArenaReport>,
}

impl TrapReport {
    /// A trap in a function that is at the top of the stack.
    pub(crate) fn of(
        module: &Parsed<'_>,
        function: u32,
        trap: Trap,
        stack: CallStack,
        arena: Option<ArenaReport>,
    ) -> TrapReport {
        let slot = trap.slot().and_then(|slot| name_of(&module.debug(function)?.slots, slot));
        TrapReport { trap, stack, slot, enough: None, arena }
    }

    /// What is known beside the words of the trap, as lines.
    pub fn notes(&self) -> Vec<String> {
        let slot = self.trap.slot().zip(self.slot.as_ref()).map(|(slot, name)| format!("slot {slot} is `{name}`"));
        slot.into_iter().chain(self.arena.as_ref().map(ArenaReport::to_string)).collect()
    }

    /// In words, with the text of the source line if it is at hand.
    pub fn words(&self, line: Option<&str>) -> String {
        let kind = self.trap.kind();
        let mut text = format!("trap {} {}: {}\n  in {}", kind.code(), kind.row().name, self.trap, self.stack.at);
        let mut add = |line: String| text.push_str(&format!("\n  {line}"));
        if let (Some(line), Some((_, number))) = (line, &self.stack.at.source) {
            add(format!("  {number} | {}", line.trim_end()));
        }
        self.notes().into_iter().for_each(&mut add);
        if let Some(enough) = self.enough {
            add(format!("an arena of {} is enough", counted(enough, "byte")));
        }
        self.stack.caller_lines().into_iter().for_each(add);
        text
    }
}

impl fmt::Display for TrapReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(None))
    }
}

impl core::error::Error for TrapReport {}
