//! `--trace`: one line an instruction, with the state after it.
//!
//! `main() 0x0005 sp 0  VAR_STORE slot=0  [] {0:x int [0..4) tag=int mask=00000010} <2a 00 00 00 00 00 00 00>`: the
//! function, ip, the next free cell, the instruction as in a listing, the expression stack, the slots that are there,
//! and the bytes of the innermost arena. `--trace=NAME` shows the functions of that name only.

use crate::observe::{ArenaView, Done, Observer, SlotView, Snapshot};
use crate::value::describe_cells;
use core::fmt::Write as _;
use std::collections::HashMap;
use std::io::Write;
use vega_format::container::{Function, SlotKind};
use vega_format::instruction::{Instruction, Spelling};
use vega_format::parsed::Parsed;
use vega_format::text::escaped;
use vega_format::types::{Mask, Tag};

/// Writes a line for each instruction.
#[derive(Debug)]
pub struct Tracer<W> {
    output: W,
    names: SlotNames,
    /// The functions that are shown, unless it is all.
    only: Option<Vec<u32>>,
}

impl<W: Write> Tracer<W> {
    /// Writes to `output`; when that fails, nothing more is written.
    pub fn new(output: W) -> Tracer<W> {
        Tracer { output, names: SlotNames::default(), only: None }
    }

    /// Shows only these functions.
    #[must_use]
    pub fn only(mut self, functions: Vec<u32>) -> Tracer<W> {
        self.only = Some(functions);
        self
    }
}

impl<W: Write> Observer for Tracer<W> {
    fn after_instruction(&mut self, done: &Done<'_>, state: &Snapshot<'_>) {
        if self.only.as_ref().is_some_and(|only| !only.contains(&done.function.index)) {
            return;
        }
        let frame = state.frame();
        let module = state.module();
        let mut line = format!(
            "{} {:#06x} sp {}  {:<32} [{}]",
            done.function.signature,
            done.ip,
            frame.sp(),
            listing(&done.instruction),
            describe_cells(frame.stack(), state.memory(), module.stencils()),
        );
        let index = frame.function().index;
        let slots: Vec<_> = frame
            .slots()
            .map(|slot| describe_slot(module, self.names.of(module, index, slot.id), &slot, frame.arenas().len()))
            .collect();
        let _ = write!(line, " {{{}}}", slots.join(", "));
        if let Some(arena) = frame.arenas().next_back() {
            let _ = write!(line, " <{}>", describe_bytes(&arena));
        }
        line.push('\n');
        let _ = self.output.write_all(line.as_bytes());
    }
}

/// Whether a function is called so: its mangled name, its name with or without module, or its signature with or without what
/// it gives.
pub fn is_called(function: &Function<'_>, name: &str) -> bool {
    let whole = function.signature.name;
    let last = whole.rsplit('.').next().unwrap_or(whole);
    let signature = function.signature.to_string();
    let parameters = signature.split(" -> ").next();
    function.name == name || whole == name || last == name || signature == name || parameters == Some(name)
}

/// The names of slots as people are told them, by function; read from the file when first wanted.
#[derive(Debug, Default)]
pub(crate) struct SlotNames {
    known: HashMap<u32, Vec<String>>,
}

impl SlotNames {
    /// The name of a slot, or the empty text.
    pub(crate) fn of(&mut self, module: &Parsed<'_>, function: u32, slot: u16) -> &str {
        let slots = || module.debug(function).map(|debug| debug.slots).unwrap_or_default();
        let names = self.known.entry(function).or_insert_with(|| slots().iter().map(|name| escaped(name)).collect());
        names.get(usize::from(slot)).map_or("", String::as_str)
    }
}

/// An instruction as in a listing: `VAR_ALLOC slot=0 mask=00000010`.
pub fn listing(instruction: &Instruction) -> String {
    let row = instruction.row();
    let mut text = row.mnemonic.to_owned();
    for ((key, kind), value) in row.operands.iter().zip(instruction.operands().iter()) {
        let byte = u8::try_from(*value).unwrap_or_default();
        let shown = match kind.spelling {
            Spelling::Number => value.to_string(),
            Spelling::Binary => Mask::from_bits(byte).binary(),
            Spelling::TagName => Tag::from_number(byte).map_or("none", Tag::name).to_owned(),
            Spelling::Label => format!("{value:#06x}"),
        };
        let _ = write!(text, " {key}={shown}");
    }
    text
}

/// `0:x int [0..4) tag=int mask=00000010`; a slot of an arena that is not the innermost says which it is.
fn describe_slot(module: &Parsed<'_>, name: &str, slot: &SlotView, arenas: usize) -> String {
    let SlotView { id, kind, arena, bytes, tag } = slot;
    let colon = if name.is_empty() { "" } else { ":" };
    let mut text = format!("{id}{colon}{name} {} [{}..{})", kind.type_name(module.stencils()), bytes.start, bytes.end);
    match kind {
        SlotKind::Variable(mask) => {
            let _ = write!(text, " tag={} mask={}", tag.map_or("none", Tag::name), mask.binary());
        }
        SlotKind::Alias(_) => text.push_str(" alias"),
        SlotKind::Stencil(_) => {}
    }
    if arena + 1 < arenas {
        let _ = write!(text, " in arena {arena}");
    }
    text
}

/// All bytes of a small arena; of a larger one the parts that are reserved or not zero, each behind its offset.
fn describe_bytes(arena: &ArenaView<'_>) -> String {
    const SMALL: usize = 64;
    const MOST: usize = 256;
    if arena.bytes.len() <= SMALL {
        return hex(arena.bytes);
    }
    let mut parts = Vec::new();
    let mut shown = 0;
    let mut from = None;
    let mut free = arena.free_blocks().peekable();
    for (offset, byte) in arena.bytes.iter().enumerate() {
        let at = offset as u32;
        while free.next_if(|(start, size)| start + size <= at).is_some() {}
        let is_free = free.peek().is_some_and(|(start, _)| *start <= at);
        match (is_free && *byte == 0, from) {
            (false, None) => from = Some(offset),
            (true, Some(start)) => {
                parts.push(part(arena.bytes, start, offset));
                shown += offset - start;
                from = None;
            }
            _ => {}
        }
        if shown + from.map_or(0, |start| offset - start) >= MOST {
            break;
        }
    }
    if let Some(start) = from {
        parts.push(part(arena.bytes, start, arena.bytes.len().min(start + MOST)));
    }
    parts.push(String::new());
    parts.join(" ..").trim_start().to_owned()
}

fn part(bytes: &[u8], start: usize, end: usize) -> String {
    format!(" {start}: {}", hex(bytes.get(start..end).unwrap_or_default()))
}

/// Bytes as pairs of digits with blanks between.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for (place, byte) in bytes.iter().enumerate() {
        let _ = write!(text, "{}{byte:02x}", if place > 0 { " " } else { "" });
    }
    text
}
