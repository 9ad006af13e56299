//! On which line a place of a text is, found without a walk through the text each time.

use std::cell::Cell;
use std::ops::Range;

/// Line numbers by byte offset.
#[derive(Debug)]
pub(crate) struct Lines {
    starts: Vec<u32>,
    /// The line that was found last, with its bytes: most questions are about it again.
    last: Cell<(u32, u32, u32)>,
}

impl Lines {
    /// Those of a text, which is at most as long as a source may be.
    pub(crate) fn new(text: &str) -> Lines {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1);
        Lines { starts: std::iter::once(0).chain(ends).collect(), last: Cell::new((1, 0, 0)) }
    }

    /// Counted from 1.
    pub(crate) fn line(&self, offset: usize) -> u32 {
        let offset = offset as u32;
        let (line, start, end) = self.last.get();
        if (start..end).contains(&offset) {
            return line;
        }
        // Questions go forward mostly, a line or two at a time.
        let ahead = self.starts.get(line as usize..).unwrap_or_default();
        let line = match ahead.iter().take(4).position(|next| *next > offset) {
            Some(steps) if offset >= start => line as usize + steps,
            _ => self.starts.partition_point(|start| *start <= offset),
        };
        let Range { start, end } = self.bytes(line);
        self.last.set((line as u32, start, end));
        line as u32
    }

    fn bytes(&self, line: usize) -> Range<u32> {
        let start = |line: usize| self.starts.get(line).copied();
        start(line.wrapping_sub(1)).unwrap_or(0)..start(line).unwrap_or(u32::MAX)
    }
}
