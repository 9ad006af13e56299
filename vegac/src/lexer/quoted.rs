//! Text and characters: where they end, their escapes, what they stand for.

use std::borrow::Cow;
use std::ops::Range;

use vega_report::{Diagnostic, SourceId, quote};

use super::TokenKind;

const BY_NUMBER: &str = "a character is written by its number as in `\\u{41}`";

/// A literal between quotes in the text.
pub(super) struct Quoted {
    pub(super) kind: TokenKind,
    pub(super) end: usize,
    pub(super) closed: bool,
    pub(super) complaints: Vec<Diagnostic>,
}

/// Reads the literal whose opening quote stands at `start`. It ends on its line, closed or not.
pub(super) fn scan(source: SourceId, text: &str, start: usize) -> Quoted {
    let rest = text.get(start..).unwrap_or("");
    let mut complaints = Vec::new();
    let mut count = 0_usize;
    let mut characters = Characters::new(rest);
    for (place, character) in characters.by_ref() {
        count += 1;
        if let Err(fault) = character {
            let place = start + place.start..start + place.end;
            let diagnostic =
                Diagnostic::error(fault.code, fault.title).label(source, place.clone(), fault.label).hint(fault.hint);
            complaints.push(match fault.edit {
                Some(meant) => diagnostic.edit(source, place, meant),
                None => diagnostic,
            });
        }
    }
    let is_char = rest.starts_with('\'');
    let kind = if is_char { TokenKind::Char } else { TokenKind::String };
    let closed = characters.at_quote();
    let end = start + characters.at + usize::from(closed);
    if !closed {
        complaints.push(never_closed(source, start, is_char));
    } else if is_char && count != 1 {
        complaints.push(not_one_character(source, text, start..end, count));
    }
    Quoted { kind, end, closed, complaints }
}

/// Behind the `"` that closes a text which did not end on its line, if it seems to go over the next few: the first of them
/// with a `"` has one without a partner.
pub(super) fn other_end(text: &str, kind: TokenKind, line_end: usize) -> Option<usize> {
    const MOST_LINES: usize = 8;
    if kind != TokenKind::String {
        return None;
    }
    let mut start = line_end + 1;
    for line in text.get(start..)?.split('\n').take(MOST_LINES) {
        let bytes = line.as_bytes();
        let is_quote = |place: &usize| {
            let before = place.checked_sub(1).and_then(|before| bytes.get(before));
            bytes.get(*place) == Some(&b'"') && !matches!(before, Some(b'\\' | b'\''))
        };
        let mut quotes = (0..bytes.len()).filter(is_quote);
        if let Some(first) = quotes.next() {
            return (quotes.count() % 2 == 0).then_some(start + first + 1);
        }
        start += line.len() + 1;
    }
    None
}

/// What a literal stands for, its quotes removed and its escapes resolved; a faulty escape is U+FFFD.
pub(super) fn value(text: &str) -> String {
    Characters::new(text).map(|(_, character)| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn never_closed(source: SourceId, start: usize, is_char: bool) -> Diagnostic {
    let (what, quote_sign) = if is_char { ("character", '\'') } else { ("text", '"') };
    let hint = if is_char {
        "a character stands between single quotes: `'A'`"
    } else {
        "add the closing `\"`; a line break in text is written `\\n`"
    };
    Diagnostic::error("E0104", format!("found the end of the line, expected `{quote_sign}` to close the {what}"))
        .label(source, start..start + 1, "opened here")
        .hint(hint)
}

fn not_one_character(source: SourceId, text: &str, span: Range<usize>, count: usize) -> Diagnostic {
    let inside = text.get(span.start + 1..span.end.saturating_sub(1)).unwrap_or("");
    let (found, hint) = match count {
        0 => ("nothing".to_owned(), "a quote itself is written `'\\''`".to_owned()),
        _ => {
            let text = quote(&within_double_quotes(inside));
            (format!("{count} characters"), format!("text stands between double quotes: `\"{text}\"`"))
        }
    };
    Diagnostic::error("E0105", format!("found {found} between single quotes, expected one character"))
        .label(source, span, "not one character")
        .hint(hint)
}

/// What stands between single quotes, as it stands between double ones.
fn within_double_quotes(inside: &str) -> String {
    let mut text = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(['\\'].into_iter().chain(characters.next())),
            '"' => text.push_str("\\\""),
            other => text.push(other),
        }
    }
    text
}

/// What is wrong with an escape.
struct Fault {
    code: &'static str,
    title: String,
    label: &'static str,
    hint: Cow<'static, str>,
    /// What is certainly meant, in its place.
    edit: Option<String>,
}

/// The characters between the quotes, each with its place; stops before the closing quote or the end of the line.
struct Characters<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Characters<'a> {
    /// `text` begins with the opening quote.
    fn new(text: &'a str) -> Self {
        Characters { text, at: 1 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn at_quote(&self) -> bool {
        let quote_sign = self.text.as_bytes().first();
        self.at < self.text.len() && self.text.as_bytes().get(self.at) == quote_sign
    }

    /// Reads the escape after a backslash.
    fn escape(&mut self) -> Result<char, Fault> {
        let Some(letter) = self.rest().chars().next().filter(|&letter| letter != '\n') else {
            return Ok('\\'); // nothing closes this literal, and that is the complaint
        };
        self.at += letter.len_utf8();
        match letter {
            'n' => Ok('\n'),
            't' => Ok('\t'),
            'r' => Ok('\r'),
            '0' => Ok('\0'),
            '\\' | '\'' | '"' => Ok(letter),
            'u' => self.unicode_escape(),
            'x' => Err(self.number_of_elsewhere()),
            _ => Err(unknown_escape(letter)),
        }
    }

    /// Reads the `41` of `\x41`, as characters are written by their numbers elsewhere.
    fn number_of_elsewhere(&mut self) -> Fault {
        const DIGITS: usize = 2;
        let rest = self.rest().as_bytes();
        let length = rest.iter().take(DIGITS).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let digits = self.rest().get(..length).unwrap_or("");
        self.at += length;
        let fault = unknown_escape('x');
        if length == 0 {
            return Fault { hint: BY_NUMBER.into(), ..fault };
        }
        let meant = format!("\\u{{{digits}}}");
        let hint = format!("a character is written by its number as `{meant}`");
        // Beyond ASCII it may be a byte that is meant, and no character.
        let is_certain = length == DIGITS && digits.starts_with(|first| first < '8');
        Fault { hint: hint.into(), edit: is_certain.then_some(meant), ..fault }
    }

    /// Reads `{41}` after `\u`.
    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let inside = self.rest().strip_prefix('{').unwrap_or("");
        let digits = inside.len() - inside.trim_start_matches(|letter: char| letter.is_ascii_hexdigit()).len();
        let (digits, after) = inside.split_at(digits);
        if digits.is_empty() || !after.starts_with('}') {
            return Err(Fault {
                code: "E0107",
                title: "found `\\u` without a number, expected `\\u{…}` with hexadecimal digits".to_owned(),
                label: "no digits in braces follow",
                hint: "write it as in `\\u{41}`".into(),
                edit: None,
            });
        }
        self.at += digits.len() + 2;
        let number = u32::from_str_radix(digits, 16).ok();
        number.and_then(char::from_u32).ok_or_else(|| Fault {
            code: "E0107",
            title: format!("found `\\u{{{}}}`, expected the number of a Unicode character", quote(digits)),
            label: "no such character",
            hint: "characters are 0 to 10FFFF without the surrogates D800 to DFFF".into(),
            edit: None,
        })
    }
}

impl Iterator for Characters<'_> {
    type Item = (Range<usize>, Result<char, Fault>);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let first = self.rest().chars().next()?;
        if first == '\n' || self.at_quote() {
            return None;
        }
        self.at += first.len_utf8();
        let character = if first == '\\' { self.escape() } else { Ok(first) };
        Some((start..self.at, character))
    }
}

fn unknown_escape(letter: char) -> Fault {
    Fault {
        code: "E0106",
        title: format!(
            "found the escape `\\{}`, expected one of `\\n \\t \\r \\\\ \\' \\\" \\0 \\u{{…}}`",
            quote(letter.encode_utf8(&mut [0; 4]))
        ),
        label: "no such escape",
        hint: "a backslash itself is written `\\\\`".into(),
        edit: None,
    }
}
