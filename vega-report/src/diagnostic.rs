//! One complaint as data: what is wrong, where, and what to try next. Drawing it is the business of [`draw`](crate::draw).
//!
//! The words follow one style: what was found before what was wanted, names in backticks, lower case, no full stop,
//! and at most [`QUOTE_LIMIT`] bytes of the input.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::source::SourceId;

/// The most bytes of input that a message repeats.
pub const QUOTE_LIMIT: usize = 200;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The input is refused.
    Error,
    /// The input is accepted, and probably not what was meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Level {
    /// The word that messages show: `error`, `warning`, `note`.
    pub fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        }
    }
}

/// A part of a source text, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The text pointed into.
    pub source: SourceId,
    /// The bytes pointed at; empty for a place between two characters.
    pub span: Range<usize>,
    /// What to say there; may be empty.
    pub text: String,
    /// Whether this is the place of the complaint itself.
    pub primary: bool,
}

/// A place that is no line of a text: `0x1f2 in code` of `prog.vgb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The name of the file.
    pub file: String,
    /// Where in it; empty for the file as a whole.
    pub at: String,
}

/// A change of a source text that a machine may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The text that is changed.
    pub source: SourceId,
    /// The bytes that go; empty to insert.
    pub span: Range<usize>,
    /// What comes in their place.
    pub text: String,
}

/// A complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub level: Level,
    /// The code under which `--explain` says more; empty for what needs no explanation.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub title: String,
    /// Where; at most one label is primary.
    pub labels: Vec<Label>,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// The next thing to try.
    pub hint: Option<String>,
    /// What the hint says as changes that are certain to be meant, to be made together.
    pub edits: Vec<Edit>,
    /// Where, if it is not in a text.
    pub place: Option<Box<Place>>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, title: impl Into<String>) -> Self {
        Self::new(Level::Error, code, title)
    }

    /// A warning.
    pub fn warning(code: &'static str, title: impl Into<String>) -> Self {
        Self::new(Level::Warning, code, title)
    }

    /// A remark.
    pub fn remark(code: &'static str, title: impl Into<String>) -> Self {
        Self::new(Level::Note, code, title)
    }

    /// A diagnostic of the given level that says nothing but its title.
    pub fn new(level: Level, code: &'static str, title: impl Into<String>) -> Self {
        Diagnostic {
            level,
            code,
            title: title.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            hint: None,
            edits: Vec::new(),
            place: None,
        }
    }

    /// Points at the place of the complaint. The first such label is the primary one.
    #[must_use]
    pub fn label(mut self, source: SourceId, span: impl Into<Range<usize>>, text: impl Into<String>) -> Self {
        let primary = !self.labels.iter().any(|label| label.primary);
        self.labels.push(Label { source, span: span.into(), text: text.into(), primary });
        self
    }

    /// Points at another place that belongs to the story.
    #[must_use]
    pub fn also(mut self, source: SourceId, span: impl Into<Range<usize>>, text: impl Into<String>) -> Self {
        self.labels.push(Label { source, span: span.into(), text: text.into(), primary: false });
        self
    }

    /// Adds something worth knowing.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Says what to try next.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hint = Some(text.into());
        self
    }

    /// Says how the hint is followed: these bytes give way to a text.
    #[must_use]
    pub fn edit(mut self, source: SourceId, span: impl Into<Range<usize>>, text: impl Into<String>) -> Self {
        self.edits.push(Edit { source, span: span.into(), text: text.into() });
        self
    }

    /// Gives a place that is no line of a text, such as `0x1f2 in code` of `prog.vgb`.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, place: impl Into<String>) -> Self {
        self.place = Some(Box::new(Place { file: file.into(), at: place.into() }));
        self
    }

    /// The label of the complaint itself.
    pub fn primary(&self) -> Option<&Label> {
        self.labels.iter().find(|label| label.primary)
    }
}

/// A piece of input as a message may show it: control and direction characters escaped, at most [`QUOTE_LIMIT`] bytes
/// of the input, then `…`.
pub fn quote(input: &str) -> String {
    let kept = input.get(..input.floor_char_boundary(QUOTE_LIMIT)).unwrap_or("");
    let mut quoted = escape(kept);
    if kept.len() < input.len() {
        quoted.push('…');
    }
    quoted
}

/// A number of things: `1 byte`, `2 bytes`. The other crates have `vega_format::text::counted`.
pub(crate) fn counted<N: From<u8> + PartialEq + fmt::Display>(number: N, thing: &str) -> String {
    format!("{number} {thing}{}", if number == N::from(1) { "" } else { "s" })
}

/// A text with everything escaped that could end a line or fool a terminal. The other crates have
/// `vega_format::text::escaped`.
pub(crate) fn escape(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_direction_control(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

fn is_direction_control(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn only_the_first_label_is_primary() {
        let mut sources = Sources::new();
        let source = sources.add("t", "text");
        let diagnostic = Diagnostic::error("E0000", "title").also(source, 0..1, "a").label(source, 1..2, "b").label(
            source,
            2..3,
            "c",
        );
        let primary: Vec<bool> = diagnostic.labels.iter().map(|label| label.primary).collect();
        assert_eq!(primary, [false, true, false]);
        assert_eq!(diagnostic.primary().map(|label| label.text.as_str()), Some("b"));
    }

    #[test]
    fn quotes_are_short_and_harmless() {
        let cases = [
            ("plain ä", "plain ä"),
            ("a\nb\t\u{1b}[0m", "a\\nb\\t\\u{1b}[0m"),
            ("x\u{202e}y", "x\\u{202e}y"),
            ("", ""),
        ];
        for (input, expected) in cases {
            assert_eq!(quote(input), expected);
        }
        assert_eq!(quote(&"x".repeat(1000)), "x".repeat(200) + "…");
        assert_eq!(quote(&"€".repeat(1000)), "€".repeat(66) + "…");
    }
}
