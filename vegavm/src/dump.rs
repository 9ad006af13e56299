//! `--dump-arena`: an arena as a table of its slots and its bytes in hex, when it ends and at a trap.

use crate::observe::{ArenaView, FrameView, Observer, Snapshot};
use crate::trace::{SlotNames, hex};
use crate::trap::TrapReport;
use core::fmt::Write as _;
use std::io::Write;
use vega_format::container::SlotKind;
use vega_format::parsed::Parsed;
use vega_format::text::write_table;
use vega_format::types::Tag;

/// The most arenas that are shown at a trap.
const MOST_ARENAS: usize = 20;

/// Writes the innermost arena before it ends, and all open arenas at a trap, innermost first.
#[derive(Debug)]
pub struct Dumper<W> {
    output: W,
    names: SlotNames,
}

impl<W: Write> Dumper<W> {
    /// Writes to `output`; when that fails, nothing more is written.
    pub fn new(output: W) -> Dumper<W> {
        Dumper { output, names: SlotNames::default() }
    }

    fn dump(&mut self, module: &Parsed<'_>, frame: &FrameView<'_>, place: usize, arena: &ArenaView<'_>, why: &str) {
        let function = frame.function();
        let (capacity, free) = (arena.bytes.len(), arena.free_bytes());
        let mut text = format!(
            "arena {place} of {}{why}: capacity {capacity}{}, {free} free\n",
            function.signature,
            arena.strategy()
        );
        let mut rows = vec![["slot", "name", "type", "bytes", "size", "tag", "mask", "kind"].map(str::to_owned)];
        for slot in frame.slots().filter(|slot| slot.arena == place) {
            let (mask, kind) = match slot.kind {
                SlotKind::Variable(mask) => (mask.binary(), "variable"),
                SlotKind::Alias(tag) => (tag.mask().binary(), "alias"),
                SlotKind::Stencil(_) => ("-".to_owned(), "stencil"),
            };
            rows.push([
                slot.id.to_string(),
                self.names.of(module, function.index, slot.id).to_owned(),
                slot.kind.type_name(module.stencils()),
                format!("[{}..{})", slot.bytes.start, slot.bytes.end),
                slot.bytes.len().to_string(),
                slot.tag.map_or("-", Tag::name).to_owned(),
                mask,
                kind.to_owned(),
            ]);
        }
        if rows.len() > 1 {
            let _ = write_table(&mut text, &rows);
        }
        write_bytes(&mut text, arena.bytes);
        let blocks: Vec<_> = arena.free_blocks().map(|(start, size)| format!("[{start}..{})", start + size)).collect();
        let blocks = if blocks.is_empty() { "nothing".to_owned() } else { blocks.join(" ") };
        let _ = writeln!(text, "  free: {blocks}");
        let _ = self.output.write_all(text.as_bytes());
    }
}

impl<W: Write> Observer for Dumper<W> {
    fn before_arena_end(&mut self, state: &Snapshot<'_>) {
        let frame = state.frame();
        if let Some((place, arena)) = frame.arenas().enumerate().next_back() {
            self.dump(state.module(), &frame, place, &arena, ", at its end");
        }
    }

    fn at_trap(&mut self, report: &TrapReport, state: &Snapshot<'_>) {
        let why = format!(", at trap {}", report.trap.kind().code());
        let mut left = MOST_ARENAS;
        for frame in state.frames() {
            for (place, arena) in frame.arenas().enumerate().rev() {
                if left == 0 {
                    let _ = self.output.write_all("… more arenas …\n".as_bytes());
                    return;
                }
                left -= 1;
                self.dump(state.module(), &frame, place, &arena, &why);
            }
        }
    }
}

/// Sixteen bytes a row behind their offset; rows that repeat the one before are one star.
fn write_bytes(text: &mut String, bytes: &[u8]) {
    const ROW: usize = 16;
    let mut before: Option<&[u8]> = None;
    let mut starred = false;
    let last = bytes.len().saturating_sub(1) / ROW;
    for (row, chunk) in bytes.chunks(ROW).enumerate() {
        if before == Some(chunk) && row != last {
            if !starred {
                text.push_str("  *\n");
            }
            starred = true;
            continue;
        }
        (before, starred) = (Some(chunk), false);
        let shown: String =
            chunk.iter().map(|byte| if matches!(byte, 0x20..=0x7e) { *byte as char } else { '.' }).collect();
        let _ = writeln!(text, "  {:04x}  {:<47}  |{shown}|", row * ROW, hex(chunk));
    }
}
