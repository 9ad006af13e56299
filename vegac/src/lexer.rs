//! Source text into tokens.
//!
//! Every byte of the text is looked at once, whatever it holds, and a mistake never stops the rest from being read: a
//! literal with a fault is still the token of a literal, so that the parser has nothing to add. Blanks and comments
//! make no tokens; that a line ends is kept as a mark on the token that starts the next one.

mod complaints;
mod kind;
mod number;
mod print;
mod quoted;

#[cfg(test)]
mod tests;

use ecow::EcoString;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use vega_format::container::magic::looks_like;
use vega_report::{Diagnostic, SourceId, quote};

use crate::ast::{Literal, Span};

pub(crate) use complaints::Complaints;
pub use kind::TokenKind;
pub use print::print;

/// The most bytes of a source file.
pub const MAX_FILE: usize = 256 << 20;
/// The most bytes of a line.
pub const MAX_LINE: usize = 1 << 20;
/// The most bytes of a name.
pub const MAX_NAME: usize = 1024;

/// The smallest piece of source that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes: of [`MAX_LINE`] at most, as no token goes beyond its line.
    length_high: u8,
    length_low: u16,
    /// Where it starts, within [`MAX_FILE`]; the highest bit says whether it is the first of its line.
    place: u32,
}

impl Token {
    const STARTS_LINE: u32 = 1 << 31;

    fn new(kind: TokenKind, starts_line: bool, start: usize, length: usize) -> Token {
        let flag = if starts_line { Token::STARTS_LINE } else { 0 };
        Token { kind, length_high: (length >> 16) as u8, length_low: length as u16, place: start as u32 | flag }
    }

    /// Whether it is the first of its line: a statement may have ended before it.
    pub fn starts_line(self) -> bool {
        self.place & Token::STARTS_LINE != 0
    }

    /// The bytes of the text that it covers.
    pub fn span(self) -> Span {
        let start = (self.place & !Token::STARTS_LINE) as usize;
        let length = usize::from(self.length_high) << 16 | usize::from(self.length_low);
        Span::from(start..start + length)
    }

    /// What was written.
    pub fn text(self, text: &str) -> &str {
        text.get(self.span().range()).unwrap_or("")
    }
}

/// The text of a source file, without the byte order mark that it may begin with. `name` is the file's, for the
/// complaint about bytes that are no UTF-8.
pub fn text<'a>(name: &str, bytes: impl Into<Cow<'a, [u8]>>) -> Result<Cow<'a, str>, Box<Diagnostic>> {
    match bytes.into() {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).into()),
            Err(error) => Err(Box::new(not_utf8(name, bytes, error.valid_up_to()))),
        },
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(mut text) => {
                if text.starts_with(BYTE_ORDER_MARK) {
                    text.remove(0);
                }
                Ok(text.into())
            }
            Err(error) => Err(Box::new(not_utf8(name, error.as_bytes(), error.utf8_error().valid_up_to()))),
        },
    }
}

/// A level of it.
const INDENTATION: [u8; 4] = [b' '; 4];

const BYTE_ORDER_MARK: char = '\u{feff}';

fn not_utf8(name: &str, bytes: &[u8], offset: usize) -> Diagnostic {
    let before = String::from_utf8_lossy(bytes.get(..offset).unwrap_or(bytes));
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").trim_start_matches(BYTE_ORDER_MARK).chars().count() + 1;
    let found = bytes.get(offset).copied().unwrap_or(0);
    let hint = match looks_like(bytes) {
        _ if bytes.get(1..5) == Some(b"VEGA") => {
            "this is a compiled Vega file: run it with `vegavm`, look inside with `vega-objdump`".to_owned()
        }
        Some(what) => format!("it looks like {what}; name a source"),
        None => "source files are UTF-8 text: save the file in that encoding".to_owned(),
    };
    Diagnostic::error("E0101", format!("found the byte 0x{found:02x}, expected UTF-8 text"))
        .at(name, format!("{line}:{column}"))
        .note(format!("it stands at byte offset {offset}"))
        .hint(hint)
}

/// The tokens of a text, the last of which is [`TokenKind::End`], and what is wrong with it.
///
/// A text beyond the limits of size gives no tokens but the end.
pub fn lex(source: SourceId, text: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer =
        Lexer { source, text, at: 0, starts_line: true, tokens: Vec::new(), complaints: Complaints::default() };
    if let Some(diagnostic) = too_large(source, text) {
        lexer.complaints.add(diagnostic);
        lexer.at = text.len().min(MAX_FILE);
    } else {
        lexer.refuse_hidden_characters();
        lexer.run();
    }
    lexer.push(TokenKind::End, lexer.at);
    (lexer.tokens, lexer.complaints.into_vec())
}

/// A name as the tree holds it: in Unicode normalization form C.
pub fn name(text: &str) -> EcoString {
    if text.is_ascii() { text.into() } else { text.nfc().collect() }
}

/// The value of a literal token. What the lexer complained about has some value.
pub fn literal(kind: TokenKind, text: &str) -> Option<Literal> {
    Some(match kind {
        TokenKind::Integer => number::integer(text),
        TokenKind::Hex => number::hex(text),
        TokenKind::Decimal => number::decimal(text),
        TokenKind::Char => Literal::Char(quoted::value(text).chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)),
        TokenKind::String => Literal::String(quoted::value(text)),
        TokenKind::True => Literal::Bool(true),
        TokenKind::False => Literal::Bool(false),
        _ => return None,
    })
}

fn too_large(source: SourceId, text: &str) -> Option<Diagnostic> {
    if text.len() > MAX_FILE {
        let title = format!("the file has {} bytes, the limit is {MAX_FILE}", text.len());
        let hint = "split the program into several files; no option raises this limit";
        return Some(Diagnostic::error("L0101", title).label(source, 0..0, "").hint(hint));
    }
    // A line that is too long covers one of these pieces.
    let mut pieces = text.as_bytes().chunks_exact(MAX_LINE / 2);
    if pieces.all(|piece| piece.contains(&b'\n')) {
        return None;
    }
    let mut start = 0;
    for line in text.split('\n') {
        if line.len() > MAX_LINE {
            let title = format!("the line has {} bytes, the limit is {MAX_LINE}", line.len());
            let hint = "break the line after a comma or an operator; no option raises this limit";
            return Some(Diagnostic::error("L0102", title).label(source, start..start, "this line").hint(hint));
        }
        start += line.len() + 1;
    }
    None
}

/// What an input may contain without anybody seeing it.
fn is_hidden(character: char) -> bool {
    matches!(character, '\0' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r') || is_hidden(character)
}

fn starts_name(character: char) -> bool {
    character == '_' || unicode_ident::is_xid_start(character)
}

/// Which bytes a name may have that are ASCII.
static IN_NAME: [bool; 256] = {
    let mut in_name = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        in_name[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    in_name
};

/// Whether a byte is of a name, and ASCII.
fn is_in_name(byte: u8) -> bool {
    IN_NAME.get(usize::from(byte)) == Some(&true)
}

/// How many bytes of a name, or of what is stuck to a number, stand at the start of `text`.
fn word_length(text: &str) -> usize {
    word_end(text, 0)
}

/// Where the name ends that starts at a place of the text.
fn word_end(text: &str, start: usize) -> usize {
    let mut end = start;
    loop {
        match text.as_bytes().get(end) {
            Some(byte) if is_in_name(*byte) => end += 1,
            Some(byte) if !byte.is_ascii() => {
                let rest = text.get(start..).unwrap_or("");
                return start + run_length(rest, unicode_ident::is_xid_continue);
            }
            _ => return end,
        }
    }
}

/// How many bytes at the start of `text` fulfil a condition.
fn run_length(text: &str, condition: impl Fn(char) -> bool) -> usize {
    text.find(|character| !condition(character)).unwrap_or(text.len())
}

struct Lexer<'a> {
    source: SourceId,
    text: &'a str,
    at: usize,
    starts_line: bool,
    tokens: Vec<Token>,
    complaints: Complaints,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The byte behind the next one.
    fn second(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at + 1).copied()
    }

    /// Adds the token that ends at `end`; it starts at the current place.
    fn push(&mut self, kind: TokenKind, end: usize) {
        self.tokens.push(Token::new(kind, self.starts_line, self.at, end - self.at));
        self.starts_line = false;
        self.at = end;
    }

    fn run(&mut self) {
        while let Some(&first) = self.text.as_bytes().get(self.at) {
            match first {
                b' ' | b'\n' => self.skip_spaces(),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
                b'#' => self.skip_line(),
                b'/' if self.second() == Some(b'/') => self.skip_line(),
                b'/' if self.second() == Some(b'*') => self.refuse_block_comment(),
                b'"' | b'\'' => self.quoted(),
                b'0'..=b'9' => self.number(),
                b'.' if self.is_bare_fraction() => self.number(),
                b'!'..=b'/' | b':'..=b'@' | b'['..=b'^' | b'{'..=b'~' => self.sign(),
                _ => self.rare(),
            }
        }
    }

    /// Spaces and the ends of lines: half of most sources, most of it in runs of several.
    fn skip_spaces(&mut self) {
        let (bytes, mut at, mut starts_line) = (self.text.as_bytes(), self.at, self.starts_line);
        loop {
            match bytes.get(at) {
                Some(b' ') => {}
                Some(b'\n') => starts_line = true,
                _ => break,
            }
            at += 1;
            while bytes.get(at..at + INDENTATION.len()) == Some(&INDENTATION) {
                at += INDENTATION.len();
            }
        }
        (self.at, self.starts_line) = (at, starts_line);
    }

    /// What begins with something else than most tokens do.
    fn rare(&mut self) {
        match self.rest().chars().next() {
            Some(BYTE_ORDER_MARK) if self.at == 0 => self.at += BYTE_ORDER_MARK.len_utf8(),
            Some(first) if is_blank(first) => self.at += run_length(self.rest(), is_blank),
            Some(first) if starts_name(first) => self.word(),
            _ => self.sign(),
        }
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    fn word(&mut self) {
        let end = word_end(self.text, self.at);
        let word = self.text.as_bytes().get(self.at..end).unwrap_or_default();
        if word.len() > MAX_NAME {
            let title = format!("the name has {} bytes, the limit is {MAX_NAME}", word.len());
            let diagnostic = Diagnostic::error("L0103", title).label(self.source, self.at..end, "");
            self.complaints.add(diagnostic.hint("choose a shorter name; no option raises this limit"));
        }
        self.push(TokenKind::keyword(word).unwrap_or(TokenKind::Name), end);
    }

    fn number(&mut self) {
        if let Some(end) = number::plain_end(self.text.as_bytes(), self.at) {
            return self.push(TokenKind::Integer, end);
        }
        let before = self.tokens.last().map(|token| token.kind);
        // Of `a[0.speed` it is the bracket that is not right.
        let is_whole = before == Some(TokenKind::Dot)
            || before == Some(TokenKind::BracketOpen) && number::is_before_field(self.rest());
        let number = number::scan(self.source, self.text, self.at, is_whole);
        if let Some(diagnostic) = number.complaint {
            self.complaints.add(diagnostic);
        }
        self.push(number.kind, number.end);
    }

    /// Whether a point begins `.5`, and not the `.0` of a tuple.
    fn is_bare_fraction(&self) -> bool {
        let digit_follows = self.second().is_some_and(|byte| byte.is_ascii_digit());
        let after_operand = !self.starts_line && self.tokens.last().is_some_and(|token| token.kind.ends_operand());
        digit_follows && !after_operand
    }

    fn quoted(&mut self) {
        if self.is_before_label() {
            return self.refuse_quote_before_label();
        }
        let quoted = quoted::scan(self.source, self.text, self.at);
        let other_end = if quoted.closed { None } else { quoted::other_end(self.text, quoted.kind, quoted.end) };
        for diagnostic in quoted.complaints {
            self.complaints.add(match other_end {
                Some(end) if diagnostic.code == "E0104" => diagnostic
                    .also(self.source, end - 1..end, "closed on another line")
                    .hint("text ends on its line: a line break in it is written `\\n`"),
                _ => diagnostic,
            });
        }
        self.push(quoted.kind, quoted.end);
        if !quoted.closed {
            self.push(TokenKind::Unknown, self.at); // who knows what the rest of the line was to be
            self.at = other_end.unwrap_or(self.at);
        }
    }

    /// Whether a `'` stands before the name of a loop, as elsewhere.
    fn is_before_label(&self) -> bool {
        let Some(rest) = self.rest().strip_prefix('\'') else { return false };
        let word = word_length(rest);
        let behind = rest.as_bytes().get(word);
        let leaves = self.tokens.last().is_some_and(|last| matches!(last.kind, TokenKind::Break | TokenKind::Continue));
        let names_loop = self.starts_line && behind == Some(&b':');
        word > 0 && behind != Some(&b'\'') && (names_loop || leaves && !self.starts_line)
    }

    /// Complains of a `'`, and goes on with the name behind it.
    fn refuse_quote_before_label(&mut self) {
        let place = self.at..self.at + 1;
        let diagnostic = Diagnostic::error("E0104", "found `'` before the name of a loop, expected the name alone")
            .label(self.source, place.clone(), "no character begins here")
            .hint("a loop is named without a quote: `outer: while …`, `break outer`")
            .edit(self.source, place, "");
        self.complaints.add(diagnostic);
        self.at += 1;
    }

    fn sign(&mut self) {
        match TokenKind::sign(self.text.as_bytes().get(self.at..).unwrap_or_default()) {
            Some((kind, length)) => self.push(kind, self.at + length),
            None => self.refuse_unknown(),
        }
    }

    fn refuse_unknown(&mut self) {
        if let Some(text) = self.text_between_ticks() {
            let place = self.at..self.at + text;
            let diagnostic =
                Diagnostic::error("E0103", "found text between back-ticks, expected it between double quotes")
                    .label(self.source, place.clone(), "this is no text in Vega")
                    .hint("values are printed beside the text, with commas between them: `println(\"x is\", x)`");
            self.complaints.add(diagnostic);
            return self.push(TokenKind::Unknown, place.end);
        }
        let unknown = |character| {
            let known = character == '\n' || character == '"' || character == '\'' || character == '#';
            let known = known || is_blank(character) || unicode_ident::is_xid_continue(character);
            !known && TokenKind::sign(character.encode_utf8(&mut [0; 4]).as_bytes()).is_none()
        };
        // A character that may stand inside a name but not begin one is alone in its run.
        let first = self.rest().chars().next().map_or(1, char::len_utf8);
        let end = self.at + run_length(self.rest(), unknown).max(first);
        let found = self.text.get(self.at..end).unwrap_or("");
        let what = if found.chars().nth(1).is_some() { "these begin" } else { "this begins" };
        let title = format!("found `{}`, expected a statement, a name, a number or an operator", quote(found));
        let mut diagnostic =
            Diagnostic::error("E0103", title).label(self.source, self.at..end, format!("{what} nothing in Vega"));
        if let Some(hint) = found.chars().next().and_then(unknown_hint) {
            diagnostic = diagnostic.hint(hint);
        }
        if let Some(meant) = meant_sign(found) {
            diagnostic = diagnostic.edit(self.source, self.at..end, meant);
        }
        self.complaints.add(diagnostic);
        self.push(TokenKind::Unknown, end);
    }

    /// How long the text between back-ticks is that begins here, and ends on its line.
    fn text_between_ticks(&self) -> Option<usize> {
        let inside = self.rest().strip_prefix('`')?.split(['`', '\n']).next()?;
        let length = inside.len() + 1;
        self.rest().get(length..)?.starts_with('`').then_some(length + 1)
    }

    fn refuse_block_comment(&mut self) {
        let closed = self.rest().find("*/").map(|at| at + 2);
        let length = closed.unwrap_or(self.rest().len());
        let comment = self.rest().get(..length).unwrap_or("");
        let mut diagnostic = Diagnostic::error("E0113", "found `/*`, expected `#` or `//` to begin a comment")
            .label(self.source, self.at..self.at + 2, "comments over several lines do not exist")
            .hint("begin every line of the comment with `#` or `//`");
        let after = self.rest().get(length..).unwrap_or("");
        let ends_line = after.lines().next().is_none_or(|line| line.trim().is_empty());
        if closed.is_some() && ends_line && !comment.contains('\n') {
            let words = comment.strip_suffix("*/").unwrap_or(comment).trim_end().len();
            let end = self.at + words..self.at + length;
            diagnostic = diagnostic.edit(self.source, self.at..self.at + 2, "#").edit(self.source, end, "");
        }
        self.complaints.add(diagnostic);
        self.starts_line |= comment.contains('\n');
        self.at += length;
        if closed.is_none() {
            self.push(TokenKind::Unknown, self.at); // who knows what the rest of the file was to be
        }
    }

    /// Complains of what nobody can see, wherever it stands, so that text and comments show what they hold.
    fn refuse_hidden_characters(&mut self) {
        if self.text.is_ascii() && !self.text.contains('\0') {
            return;
        }
        let mut seen_nul = false;
        for (offset, found) in self.text.match_indices(is_hidden) {
            let label = offset..offset + found.len();
            let diagnostic = if found == "\0" {
                if std::mem::replace(&mut seen_nul, true) {
                    continue; // a file with one of them tends to have thousands
                }
                Diagnostic::error("E0102", "found a NUL character, expected text")
                    .label(self.source, label, "here")
                    .hint("in text write `\\0`; if the whole file looks like this, it is no source file")
            } else {
                let title =
                    format!("found the hidden character `{}`, expected text that reads as it runs", quote(found));
                Diagnostic::error("E0114", title)
                    .label(self.source, label.clone(), "it changes the direction of the text that follows")
                    .edit(self.source, label, "")
                    .hint(format!("remove it; in text write `\\u{{{:x}}}`", found.chars().next().map_or(0, u32::from)))
            };
            self.complaints.add(diagnostic);
        }
    }
}

/// The sign that one of another alphabet certainly stands for.
fn meant_sign(found: &str) -> Option<&'static str> {
    Some(match found {
        "−" | "–" | "—" => "-",
        "×" | "·" => "*",
        "÷" => "/",
        "≤" => "<=",
        "≥" => ">=",
        "≠" => "!=",
        "→" => "->",
        "…" => "..",
        "\u{a0}" | "\u{202f}" | "\u{3000}" | "\u{feff}" | "\u{200b}" => " ",
        _ => return None,
    })
}

fn unknown_hint(character: char) -> Option<&'static str> {
    Some(match character {
        '“' | '”' | '„' | '«' | '»' | '＂' => "text stands between straight quotes: `\"`",
        '‘' | '’' | '‚' | '`' | '´' => "a character stands between straight quotes: `'`",
        '−' | '–' | '—' => "minus is `-`",
        '×' | '·' => "multiplication is `*`",
        '÷' => "division is `/`",
        '≤' => "write `<=`",
        '≥' => "write `>=`",
        '≠' => "write `!=`",
        '→' => "write `->`",
        '…' => "write `..`",
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' | '\u{feff}' | '\u{200b}' => {
            "this looks like a space and is none: put a plain space there"
        }
        '?' => "there is no `?`; a choice is `if c { … } else { … }`, and no value may be missing",
        '$' | '@' => "names have letters, digits and `_` only",
        '\\' => "a line goes on by itself after an operator or a comma, and inside `(` and `[`",
        _ => return None,
    })
}
