//! The lines of the sources, as far as somebody has found them: the library reads no files.

use vega_report::quote;

/// The sources of a file, by their number in the metadata: their lines, or nothing of one that was not found.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    lines: Vec<Vec<String>>,
}

impl Texts {
    /// Adds the next source.
    pub fn push(&mut self, text: Option<&str>) {
        let line = |line: &str| quote(&line.replace('\t', "    "));
        self.lines.push(text.map(|text| text.lines().map(line).collect()).unwrap_or_default());
    }

    /// The lines of a source as they may be shown; none if it was not found.
    pub(crate) fn lines(&self, source: u32) -> &[String] {
        self.lines.get(source as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// The line of a source, counted from 1, as it may be shown.
    pub(super) fn line(&self, source: u32, line: u32) -> Option<&str> {
        let line = (line as usize).checked_sub(1)?;
        self.lines.get(source as usize)?.get(line).map(String::as_str)
    }
}
