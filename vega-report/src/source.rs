//! Source texts and the way from a byte offset to a line and a column.
//!
//! Positions are worked out only once there is something to complain about: the table of line starts of a text is
//! built at the first question, in one pass.

use std::ops::Range;
use std::sync::OnceLock;

/// Names one text of a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(usize);

/// A place in a text as people count it: both from 1, columns in Unicode scalars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The texts that diagnostics point into.
#[derive(Debug, Default)]
pub struct Sources {
    sources: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    name: String,
    text: String,
    line_starts: OnceLock<Vec<usize>>,
}

impl Sources {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a text under the name that messages show; the same name may come twice.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.sources.push(Source { name: name.into(), text: text.into(), line_starts: OnceLock::new() });
        SourceId(self.sources.len() - 1)
    }

    /// The name under which `id` was added; empty for an id of another `Sources`.
    pub fn name(&self, id: SourceId) -> &str {
        self.get(id).map_or("", |source| &source.name)
    }

    /// The text of `id`; empty for an id of another `Sources`.
    pub fn text(&self, id: SourceId) -> &str {
        self.get(id).map_or("", |source| &source.text)
    }

    /// Line and column of a byte offset. An offset past the end, or inside a character, counts as the nearest
    /// character before it.
    pub fn position(&self, id: SourceId, offset: usize) -> Position {
        let text = self.text(id);
        let offset = text.floor_char_boundary(offset);
        let line = self.line_index(id, offset);
        let start = self.line_starts(id).get(line).copied().unwrap_or(0);
        let column = text.get(start..offset).unwrap_or("").chars().count();
        Position { line: line + 1, column: column + 1 }
    }

    /// The bytes of a line, counted from 1, without its line end. Past the last line: the empty end of the text.
    pub fn line(&self, id: SourceId, line: usize) -> Range<usize> {
        let text = self.text(id);
        let starts = self.line_starts(id);
        let start = starts.get(line.saturating_sub(1)).copied().unwrap_or(text.len());
        let end = starts.get(line).copied().unwrap_or(text.len());
        let bytes = text.get(start..end).unwrap_or("");
        start..start + bytes.trim_end_matches(['\n', '\r']).len()
    }

    fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0)
    }

    fn line_index(&self, id: SourceId, offset: usize) -> usize {
        self.line_starts(id).partition_point(|&start| start <= offset).saturating_sub(1)
    }

    fn line_starts(&self, id: SourceId) -> &[usize] {
        self.get(id).map_or(&[], |source| {
            source.line_starts.get_or_init(|| {
                let after_newlines = source.text.bytes().enumerate();
                let after_newlines = after_newlines.filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at + 1);
                std::iter::once(0).chain(after_newlines).collect()
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_scalars_from_one() {
        let cases = [
            ("", 0, (1, 1)),
            ("abc", 2, (1, 3)),
            ("abc", 99, (1, 4)),
            ("a\nbc", 1, (1, 2)),
            ("a\nbc", 2, (2, 1)),
            ("a\nbc\n", 5, (3, 1)),
            ("\r\nx", 2, (2, 1)),
            ("äö€x", 7, (1, 4)),
            ("ä", 1, (1, 1)),
        ];
        for (text, offset, (line, column)) in cases {
            let mut sources = Sources::new();
            let id = sources.add("t", text);
            assert_eq!(sources.position(id, offset), Position { line, column }, "{text:?} at {offset}");
        }
    }

    #[test]
    fn lines_come_without_their_ends() {
        let mut sources = Sources::new();
        let id = sources.add("t", "one\r\ntwo\n\nfour");
        let lines: Vec<&str> = (1..=6).map(|line| &sources.text(id)[sources.line(id, line)]).collect();
        assert_eq!(lines, ["one", "two", "", "four", "", ""]);
    }

    #[test]
    fn an_id_of_another_map_is_harmless() {
        let mut other = Sources::new();
        let id = other.add("t", "text");
        let empty = Sources::new();
        assert_eq!(empty.name(id), "");
        assert_eq!(empty.position(id, 3), Position { line: 1, column: 1 });
        assert_eq!(empty.line(id, 1), 0..0);
    }
}
