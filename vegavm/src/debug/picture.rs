//! An arena as a picture: sixteen bytes a row, and beneath them the slots to which they belong; an alias, which may lie
//! over other slots, has a row of its own.

use crate::observe::{ArenaView, FrameView};
use crate::trace::hex;
use core::fmt::Write as _;
use core::ops::Range;
use vega_format::container::SlotKind;

const ROW: u32 = 16;
/// Columns of a byte: two digits and a gap.
const BYTE: usize = 3;
/// The most rows of a picture.
const MOST_ROWS: u32 = 64;

/// The picture of an arena, by its index in the frame. `name` gives the name of a slot.
pub(super) fn draw(frame: &FrameView<'_>, index: usize, arena: &ArenaView<'_>, name: impl Fn(u16) -> String) -> String {
    let (capacity, free) = (arena.bytes.len() as u32, arena.free_bytes());
    let mut text =
        format!("arena {index} of {}: {capacity} bytes{}, {free} free\n", frame.function().signature, arena.strategy());
    let slots: Vec<_> = frame.slots().filter(|slot| slot.arena == index).collect();
    let is_alias = |kind: &SlotKind| matches!(kind, SlotKind::Alias(_));
    let labels = |aliases: bool| {
        let wanted = slots.iter().filter(move |slot| is_alias(&slot.kind) == aliases);
        wanted.map(|slot| (slot.bytes.clone(), name(slot.id))).collect::<Vec<_>>()
    };
    let (own, aliases) = (labels(false), labels(true));
    let blocks: Vec<Range<u32>> = arena.free_blocks().map(|(start, size)| start..start + size).collect();
    for row in 0..capacity.div_ceil(ROW).min(MOST_ROWS) {
        let bytes = row * ROW..capacity.min((row + 1) * ROW);
        let shown = arena.bytes.get(bytes.start as usize..bytes.end as usize).unwrap_or_default();
        let _ = writeln!(text, "  {:04x}  {}", bytes.start, hex(shown));
        let free = blocks.iter().map(|block| (block.clone(), ".".to_owned()));
        let mut below = Line::default();
        for (range, label) in own.iter().cloned().chain(free) {
            let fill = if label == "." { '.' } else { '─' };
            below.mark(&bytes, &range, &label, fill);
        }
        below.write(&mut text);
        for (range, label) in &aliases {
            let mut line = Line::default();
            line.mark(&bytes, range, label, '~');
            line.write(&mut text);
        }
    }
    if capacity > ROW * MOST_ROWS {
        let _ = writeln!(text, "  … {} more bytes …", capacity - ROW * MOST_ROWS);
    }
    text
}

/// What stands beneath a row.
#[derive(Default)]
struct Line(Vec<char>);

impl Line {
    /// Writes a label under its bytes, as far as they are in this row, and fills the rest of them.
    fn mark(&mut self, row: &Range<u32>, range: &Range<u32>, label: &str, fill: char) {
        let (start, end) = (range.start.max(row.start), range.end.min(row.end));
        if start >= end {
            return;
        }
        let columns = (start - row.start) as usize * BYTE..(end - row.start) as usize * BYTE - 1;
        self.0.resize(self.0.len().max(columns.end), ' ');
        let label = label.chars().chain(core::iter::repeat(fill));
        for (column, character) in self.0.iter_mut().skip(columns.start).take(columns.len()).zip(label) {
            *column = character;
        }
    }

    fn write(&self, text: &mut String) {
        if !self.0.is_empty() {
            let _ = writeln!(text, "        {}", self.0.iter().collect::<String>().trim_end());
        }
    }
}
