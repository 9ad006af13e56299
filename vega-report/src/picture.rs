//! An arena as a picture: sixteen bytes a row, and beneath them the slots to which they belong; an alias, which may lie
//! over other slots, has a row of its own.

use crate::diagnostic::counted;
use core::fmt::Write as _;
use core::ops::Range;

const ROW: u32 = 16;
/// Columns of a byte: two digits and a gap.
const BYTE: usize = 3;
/// The most rows of a picture.
const MOST_ROWS: u32 = 64;

/// Bytes that belong to a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// The name of the slot.
    pub name: String,
    /// Its bytes, as offsets in the arena.
    pub bytes: Range<u32>,
    /// Whether it is an alias.
    pub is_alias: bool,
}

/// The picture of an arena with its slots and free blocks.
pub fn picture(bytes: &[u8], slots: &[Owned], free: impl IntoIterator<Item = Range<u32>> + Clone) -> String {
    let capacity = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut text = String::new();
    for row in 0..capacity.div_ceil(ROW).min(MOST_ROWS) {
        let range = row * ROW..capacity.min((row + 1) * ROW);
        let _ = write!(text, "  {:04x} ", range.start);
        for byte in bytes.get(range.start as usize..range.end as usize).unwrap_or_default() {
            let _ = write!(text, " {byte:02x}");
        }
        text.push('\n');
        let mut below = Line::default();
        slots.iter().filter(|slot| !slot.is_alias).for_each(|slot| below.mark(&range, &slot.bytes, &slot.name, '─'));
        free.clone().into_iter().for_each(|block| below.mark(&range, &block, "", '.'));
        below.write(&mut text);
        for alias in slots.iter().filter(|slot| slot.is_alias) {
            let mut line = Line::default();
            line.mark(&range, &alias.bytes, &alias.name, '~');
            line.write(&mut text);
        }
    }
    if capacity > ROW * MOST_ROWS {
        let _ = writeln!(text, "  … {} …", counted(capacity - ROW * MOST_ROWS, "more byte"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_stand_beneath_their_bytes() {
        let slot = |name: &str, bytes, is_alias| Owned { name: name.to_owned(), bytes, is_alias };
        let slots = [slot("left", 0..4, false), slot("long", 4..6, false), slot("a", 2..6, true)];
        let wanted = "  0000  00 01 02 03 04 05 06 07\n        left─────── long─ .....\n              a~~~~~~~~~~\n";
        assert_eq!(picture(&[0, 1, 2, 3, 4, 5, 6, 7], &slots, core::iter::once(6..8)), wanted);
        assert_eq!(picture(&[], &slots, []), "");
    }
}
