//! Diagnostics as text, in three forms: for people, one line for editors and scripts, and JSON.
//!
//! Nothing of the input reaches the output raw: characters that could end a line or steer a terminal are escaped.

use std::fmt::Write;
use std::ops::Range;
use std::str::FromStr;

use annotate_snippets::{Group, Level as Heading, Origin, Renderer, normalize_untrusted_str};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Edit, Label, Level, Place, escape};
use crate::excerpt;
use crate::source::Sources;

/// The version of the JSON form; it grows when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// The forms in which diagnostics are drawn: `--message-format`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Several lines with the source, as rustc and Cargo draw them.
    #[default]
    Human,
    /// One line: `file:line:column: error[CODE]: title`.
    Short,
    /// One line: a [`Message`] as a JSON object.
    Json,
}

impl Format {
    /// The names of the formats on the command line.
    pub const NAMES: [&str; 3] = ["human", "short", "json"];
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "human" => Ok(Format::Human),
            "short" => Ok(Format::Short),
            "json" => Ok(Format::Json),
            _ => Err(format!("found `{}`, expected one of {}", crate::quote(name), Self::NAMES.join(", "))),
        }
    }
}

/// Draws a diagnostic, with the end of its last line. `color` matters to the human form only.
pub fn draw(diagnostic: &Diagnostic, sources: &Sources, format: Format, color: bool) -> String {
    match format {
        Format::Human => human(diagnostic, sources, color),
        Format::Short => short(diagnostic, sources),
        Format::Json => json(diagnostic, sources),
    }
}

fn human(diagnostic: &Diagnostic, sources: &Sources, color: bool) -> String {
    let heading = match diagnostic.level {
        Level::Error => Heading::ERROR,
        Level::Warning => Heading::WARNING,
        Level::Note => Heading::NOTE,
    };
    let mut title = heading.primary_title(escape(&diagnostic.title));
    if !diagnostic.code.is_empty() {
        title = title.id(diagnostic.code);
    }
    let mut group = Group::with_title(title);
    if let Some(place) = &diagnostic.place {
        group = group.element(Origin::path(escape(&place_text(place))));
    }
    group = excerpt::show(group, &diagnostic.labels, sources);
    for note in &diagnostic.notes {
        group = group.element(Heading::NOTE.message(normalize_untrusted_str(note)));
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Heading::HELP.message(normalize_untrusted_str(hint)));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut drawing = renderer.render(&[group]);
    drawing.push('\n');
    drawing
}

fn short(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut line = String::new();
    if let Some(place) = &diagnostic.place {
        line.push_str(&escape(&place_text(place)));
        line.push_str(": ");
    } else if let Some(label) = diagnostic.primary() {
        let position = sources.position(label.source, label.span.start);
        let name = escape(sources.name(label.source));
        let _ = write!(line, "{name}:{}:{}: ", position.line, position.column);
    }
    line.push_str(diagnostic.level.word());
    if !diagnostic.code.is_empty() {
        let _ = write!(line, "[{}]", diagnostic.code);
    }
    let _ = writeln!(line, ": {}", escape(&diagnostic.title));
    line
}

/// `prog.vgb:0x1f2 in code`, or the file alone.
fn place_text(place: &Place) -> String {
    if place.at.is_empty() { place.file.clone() } else { format!("{}:{}", place.file, place.at) }
}

fn json(diagnostic: &Diagnostic, sources: &Sources) -> String {
    // Strings and numbers always serialize; the empty object keeps the output one object a line come what may.
    let mut line = serde_json::to_string(&Message::new(diagnostic, sources)).unwrap_or_else(|_| "{}".to_owned());
    line.push('\n');
    line
}

/// A diagnostic in JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Message<'a> {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// `error`, `warning` or `note`.
    pub level: Level,
    /// The code, as in `--explain CODE`; empty if there is none.
    pub code: &'a str,
    /// What is wrong, in one line.
    pub title: &'a str,
    /// The places in source text.
    pub labels: Vec<MessageLabel<'a>>,
    /// The place in a binary file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<&'a Place>,
    /// What else there is to know.
    pub notes: &'a [String],
    /// The next thing to try.
    pub hint: Option<&'a str>,
    /// What the hint says as changes that are certain to be meant, to be made together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<MessageEdit<'a>>,
}

/// A change of a source text in JSON: bytes that give way to a text.
#[derive(Debug, Clone, Serialize)]
pub struct MessageEdit<'a> {
    /// The file.
    pub file: &'a str,
    /// The first byte.
    pub byte_start: usize,
    /// The byte after the last.
    pub byte_end: usize,
    /// What comes in their place.
    pub text: &'a str,
}

/// A place in a source text in JSON. Lines and columns count from 1, columns in Unicode scalars; bytes from 0.
#[derive(Debug, Clone, Serialize)]
pub struct MessageLabel<'a> {
    /// The file.
    pub file: &'a str,
    /// The line of the first byte.
    pub line: usize,
    /// The column of the first byte.
    pub column: usize,
    /// The first byte.
    pub byte_start: usize,
    /// The byte after the last.
    pub byte_end: usize,
    /// What to say there; may be empty.
    pub text: &'a str,
    /// Whether this is the place of the complaint itself.
    pub primary: bool,
}

impl<'a> Message<'a> {
    /// The JSON form of a diagnostic.
    pub fn new(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Self {
        Message {
            schema_version: SCHEMA_VERSION,
            level: diagnostic.level,
            code: diagnostic.code,
            title: &diagnostic.title,
            labels: diagnostic.labels.iter().map(|label| MessageLabel::new(label, sources)).collect(),
            place: diagnostic.place.as_deref(),
            notes: &diagnostic.notes,
            hint: diagnostic.hint.as_deref(),
            edits: diagnostic.edits.iter().map(|edit| MessageEdit::new(edit, sources)).collect(),
        }
    }
}

impl<'a> MessageEdit<'a> {
    fn new(edit: &'a Edit, sources: &'a Sources) -> Self {
        let Range { start, end } = edit.span;
        MessageEdit { file: sources.name(edit.source), byte_start: start, byte_end: end, text: &edit.text }
    }
}

impl<'a> MessageLabel<'a> {
    fn new(label: &'a Label, sources: &'a Sources) -> Self {
        let position = sources.position(label.source, label.span.start);
        let Range { start, end } = label.span;
        MessageLabel {
            file: sources.name(label.source),
            line: position.line,
            column: position.column,
            byte_start: start,
            byte_end: end,
            text: &label.text,
            primary: label.primary,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn check(text: &str, make: impl Fn(SourceId) -> Diagnostic, format: Format, expected: &str) {
        let mut sources = Sources::new();
        let source = sources.add("one.vg", text);
        let drawn = draw(&make(source), &sources, format, false);
        assert_eq!(drawn, expected, "got:\n{drawn}");
    }

    #[test]
    fn human_shows_source_notes_and_help() {
        check(
            "alloc 8 {\n    x = (1\n}\n",
            |source| {
                Diagnostic::error("E0203", "this `(` is never closed")
                    .label(source, 18..19, "opened here")
                    .also(source, 21..22, "missed before this")
                    .note("a note")
                    .hint("add the missing `)`")
            },
            Format::Human,
            "\
error[E0203]: this `(` is never closed
 --> one.vg:2:9
  |
2 |     x = (1
  |         ^ opened here
3 | }
  | - missed before this
  |
  = note: a note
  = help: add the missing `)`
",
        );
    }

    #[test]
    fn human_without_source() {
        let plain = |_| Diagnostic::error("C0001", "no input file");
        check("", plain, Format::Human, "error[C0001]: no input file\n");
        let binary = |_| Diagnostic::error("F0001", "found `ELF`").at("a.vgb", "0x1f2 in code").hint("try");
        check("", binary, Format::Human, "error[F0001]: found `ELF`\n--> a.vgb:0x1f2 in code\n = help: try\n");
    }

    #[test]
    fn short_is_one_line() {
        let cases: [(&dyn Fn(SourceId) -> Diagnostic, &str); 5] = [
            (&|id| Diagnostic::error("E1", "title").label(id, 3..4, "here"), "one.vg:2:2: error[E1]: title\n"),
            (
                &|_| Diagnostic::warning("E1", "title").at("a.vgb", "0x1f2 in code"),
                "a.vgb:0x1f2 in code: warning[E1]: title\n",
            ),
            (&|_| Diagnostic::error("E1", "title").at("a.vgb", ""), "a.vgb: error[E1]: title\n"),
            (&|_| Diagnostic::error("E1", "two\nlines"), "error[E1]: two\\nlines\n"),
            (&|_| Diagnostic::remark("", "title"), "note: title\n"),
        ];
        for (make, expected) in cases {
            check("a\nbc", make, Format::Short, expected);
        }
    }

    #[test]
    fn json_is_one_object() {
        check(
            "a\nbc",
            |source| Diagnostic::error("E1", "title").label(source, 3..4, "here").note("n").hint("h"),
            Format::Json,
            concat!(
                r#"{"schema_version":1,"level":"error","code":"E1","title":"title","labels":[{"file":"one.vg","line":2,"#,
                r#""column":2,"byte_start":3,"byte_end":4,"text":"here","primary":true}],"notes":["n"],"hint":"h"}"#,
                "\n"
            ),
        );
        check(
            "",
            |_| Diagnostic::error("E1", "t").at("a.vgb", "0x10"),
            Format::Json,
            concat!(
                r#"{"schema_version":1,"level":"error","code":"E1","title":"t","labels":[],"#,
                r#""place":{"file":"a.vgb","at":"0x10"},"notes":[],"hint":null}"#,
                "\n"
            ),
        );
    }

    #[test]
    fn terminal_controls_do_not_pass() {
        let mut sources = Sources::new();
        let source = sources.add("one\n.vg", "x = \u{1b}[31m\n");
        let diagnostic =
            Diagnostic::error("E1", "found \u{1b}[2J").label(source, 4..5, "\u{1b}").note("\u{1b}").hint("\u{1b}");
        for format in [Format::Human, Format::Short, Format::Json] {
            assert!(!draw(&diagnostic, &sources, format, false).contains('\u{1b}'), "{format:?}");
        }
        assert_eq!(draw(&diagnostic, &sources, Format::Short, false).lines().count(), 1);
    }

    #[test]
    fn color_is_for_people_only() {
        let sources = Sources::new();
        let diagnostic = Diagnostic::error("E1", "title");
        assert!(draw(&diagnostic, &sources, Format::Human, true).contains('\u{1b}'));
        assert!(!draw(&diagnostic, &sources, Format::Short, true).contains('\u{1b}'));
    }

    #[test]
    fn formats_have_names() {
        for name in Format::NAMES {
            assert!(name.parse::<Format>().is_ok());
        }
        assert_eq!("xml".parse::<Format>(), Err("found `xml`, expected one of human, short, json".to_owned()));
    }
}
