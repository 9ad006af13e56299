//! The grammar of one line: words, strings and comments, with their places. It knows no mnemonic and no directive.
//!
//! A line is `label: word argument argument ; comment`, where everything may be left out. A word runs to the next blank;
//! quotes inside it keep blanks and comment signs together: `"a ; b"`, `char:' '`.
//!
//! Lines are bytes here: all signs of the grammar are ASCII, and what lies between them is kept as it is.

use nom::branch::alt;
use nom::bytes::complete::{take, take_while, take_while1};
use nom::combinator::{recognize, value};
use nom::error::{ErrorKind, ParseError};
use nom::multi::many1_count;
use nom::{IResult, Parser as _};
use std::ops::Range;

/// Bytes of a text. Texts are at most [`MOST_BYTES`](crate::listing::MOST_BYTES) long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The bytes from `start` up to but not including `end`.
    pub fn new(start: usize, end: usize) -> Span {
        let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: offset(start), end: offset(end) }
    }

    /// The bytes as a range.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// What stands there; empty for a span of another text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    /// From the start of this one to the end of the other.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end.max(self.start) }
    }
}

/// An argument of a directive or an instruction: `slot=0`, `0`, `"text"`.
///
/// A listing has millions of them, so only three offsets are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    span: Span,
    /// Where the value starts.
    value: u32,
    /// Whether it was given by an `.append` and goes on with the text before it.
    pub appended: bool,
}

impl Argument {
    /// Splits a word at its first `=`, if all before it is a key.
    #[inline]
    fn new(span: Span, word: &[u8]) -> Argument {
        let key = word.iter().position(|byte| !is_key(*byte)).filter(|end| *end > 0 && word.get(*end) == Some(&b'='));
        Argument { span, value: span.start + key.map_or(0, |end| end as u32 + 1), appended: false }
    }

    /// What stands before the `=`.
    pub fn key(&self) -> Option<Span> {
        let end = self.value.checked_sub(1).filter(|end| *end > self.span.start)?;
        Some(Span { start: self.span.start, end })
    }

    /// What stands behind the `=`; may be empty.
    pub fn value(&self) -> Span {
        Span { start: self.value, end: self.span.end }
    }

    /// Key and value.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// A quote that is not closed on its line, where it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenQuote {
    /// From the quote to the end of the line.
    pub span: Span,
    /// Which quote.
    pub quote: char,
}

/// A line, word by word.
#[derive(Debug, Clone)]
pub struct Words<'t> {
    rest: &'t [u8],
    at: usize,
}

impl<'t> Words<'t> {
    /// The words of the line that stands at `bytes` of `text`.
    pub fn new(text: &'t str, bytes: Range<usize>) -> Words<'t> {
        let at = bytes.start;
        Words { rest: text.as_bytes().get(bytes).unwrap_or_default(), at }
    }

    /// The next word; nothing at the end and before a comment.
    ///
    /// # Errors
    /// A string or character is not closed.
    #[inline]
    fn word(&mut self) -> Result<Option<(Span, &'t [u8])>, OpenQuote> {
        let Ok((start, _)) = blanks(self.rest) else { return Ok(None) };
        match word(start) {
            Ok((rest, word)) => {
                let at = self.at + (self.rest.len() - start.len());
                self.at = at + word.len();
                self.rest = rest;
                Ok(Some((Span::new(at, self.at), word)))
            }
            Err(nom::Err::Failure(OpenAt(quoted))) => {
                let at = self.at + (self.rest.len() - quoted.len());
                let quote = if quoted.first() == Some(&b'\'') { '\'' } else { '"' };
                Err(OpenQuote { span: Span::new(at, at + quoted.len()), quote })
            }
            Err(_) => Ok(None),
        }
    }

    /// Tells the labels, without their colons, and gives the word behind them: a mnemonic or a directive.
    ///
    /// # Errors
    /// A string or character is not closed.
    #[inline]
    pub fn head(&mut self, mut label: impl FnMut(Span)) -> Result<Option<Span>, OpenQuote> {
        while let Some((span, word)) = self.word()? {
            if !is_label(word) {
                return Ok(Some(span));
            }
            label(Span { end: span.end - 1, ..span });
        }
        Ok(None)
    }

    /// The next argument.
    ///
    /// # Errors
    /// A string or character is not closed.
    #[inline]
    pub fn argument(&mut self) -> Result<Option<Argument>, OpenQuote> {
        Ok(self.word()?.map(|(span, word)| Argument::new(span, word)))
    }
}

/// A name and a colon.
fn is_label(word: &[u8]) -> bool {
    match word {
        [name @ .., b':'] => !name.is_empty() && !name.iter().any(|byte| *byte == b':' || is_quote(*byte)),
        _ => false,
    }
}

// The grammar: a function bears the name of its production.

/// The rest of the line from an open quote on.
#[derive(Debug)]
struct OpenAt<'a>(&'a [u8]);

impl<'a> ParseError<&'a [u8]> for OpenAt<'a> {
    fn from_error_kind(at: &'a [u8], _: ErrorKind) -> OpenAt<'a> {
        OpenAt(at)
    }

    fn append(_: &'a [u8], _: ErrorKind, other: OpenAt<'a>) -> OpenAt<'a> {
        other
    }
}

type Step<'a, T> = IResult<&'a [u8], T, OpenAt<'a>>;

/// Letters and quoted parts without a blank between them.
#[inline]
fn word(input: &[u8]) -> Step<'_, &[u8]> {
    // Most words have no quotes.
    let (rest, plain) = take_while(is_plain).parse(input)?;
    match rest.first() {
        Some(next) if is_quote(*next) => {
            recognize((take(plain.len()), many1_count(alt((value((), take_while1(is_plain)), quoted))))).parse(input)
        }
        _ if plain.is_empty() => Err(nom::Err::Error(OpenAt(input))),
        _ => Ok((rest, plain)),
    }
}

/// A string or a character with its quotes.
fn quoted(input: &[u8]) -> Step<'_, ()> {
    let Some(quote) = input.first().copied().filter(|byte| is_quote(*byte)) else {
        return Err(nom::Err::Error(OpenAt(input)));
    };
    let mut rest = input.get(1..).unwrap_or_default();
    loop {
        let (next, _) = take_while(|byte| byte != quote && byte != b'\\').parse(rest)?;
        rest = match next {
            [b'\\', _, rest @ ..] => rest,
            [_, rest @ ..] if next.first() == Some(&quote) => return Ok((rest, ())),
            _ => return Err(nom::Err::Failure(OpenAt(input))),
        };
    }
}

#[inline]
fn blanks(input: &[u8]) -> Step<'_, &[u8]> {
    take_while(is_blank).parse(input)
}

#[inline]
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[inline]
pub(crate) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// Whether a byte may stand in a word outside quotes.
#[inline]
pub(crate) fn is_plain(byte: u8) -> bool {
    /// Everything but blanks, quotes and the signs before a comment.
    const PLAIN: [bool; 256] = {
        let mut plain = [true; 256];
        let others = *b" \t\r\n\"';#";
        let mut place = 0;
        while place < others.len() {
            plain[others[place] as usize] = false;
            place += 1;
        }
        plain
    };
    PLAIN[usize::from(byte)]
}

/// How many plain bytes these begin with. Listings consist of words, so eight bytes are looked at together.
#[inline]
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    const EACH: u64 = u64::MAX / 255;
    const HIGH: u64 = EACH << 7;
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let word = u64::from_le_bytes(*chunk);
        // What is not plain is below `(`, or a semicolon. The lowest high bit is at the first byte that is one of these.
        let semicolon = word ^ (EACH * u64::from(b';'));
        let below = word.wrapping_sub(EACH * u64::from(b'(')) & !word;
        let suspects = (below | semicolon.wrapping_sub(EACH) & !semicolon) & HIGH;
        if suspects == 0 {
            at += chunk.len();
            continue;
        }
        at += suspects.trailing_zeros() as usize / 8;
        match bytes.get(at) {
            Some(byte) if is_plain(*byte) => at += 1,
            _ => return at,
        }
    }
    at + bytes.get(at..).unwrap_or_default().iter().take_while(|byte| is_plain(**byte)).count()
}

/// Letters beyond ASCII are all taken: a key with one is none of any row's.
#[inline]
fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_bytes_are_counted_as_one_by_one() {
        let slow = |bytes: &[u8]| bytes.iter().take_while(|byte| is_plain(**byte)).count();
        for byte in 0..=255 {
            for place in 0..20 {
                for around in [b'a', b'!', 0x80, 0xff, b'(', b':'] {
                    let mut bytes = [around; 20];
                    bytes[place] = byte;
                    assert_eq!(plain_length(&bytes), slow(&bytes), "{byte} at {place} in {around}");
                }
            }
        }
    }

    fn parts(text: &str) -> Result<Vec<String>, OpenQuote> {
        let mut words = Words::new(text, 0..text.len());
        let mut parts = Vec::new();
        let head = words.head(|label| parts.push(format!("{}:", label.of(text))))?;
        parts.extend(head.map(|head| head.of(text).to_owned()));
        while let Some(argument) = words.argument()? {
            parts.push(match argument.key() {
                Some(key) => format!("{}={}", key.of(text), argument.value().of(text)),
                None => argument.value().of(text).to_owned(),
            });
        }
        Ok(parts)
    }

    /// The parts of a line: labels with colons, keys with equals signs.
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(parts(text).expect("quotes are closed"), expected, "{text:?}");
    }

    #[test]
    fn lines_fall_into_words() {
        check("", &[]);
        check(" \t; only a comment", &[]);
        check("# only a comment\r\n", &[]);
        check("RETURN", &["RETURN"]);
        check("  VAR_ALLOC slot=0 mask=00000010;x\n", &["VAR_ALLOC", "slot=0", "mask=00000010"]);
        check("a: b:RETURN 1", &["a:", "b:RETURN", "1"]);
        check("a: b: RETURN", &["a:", "b:", "RETURN"]);
        check("loop:", &["loop:"]);
        check(r#".const "a ; b # \" c" ; d"#, &[".const", r#""a ; b # \" c""#]);
        check("X index=char:';' y", &["X", "index=char:';'", "y"]);
        check("X slot= 1", &["X", "slot=", "1"]);
        check("X =1 a==b", &["X", "=1", "a==b"]);
        check("CALL function=norm(14geometry.point)d", &["CALL", "function=norm(14geometry.point)d"]);
    }

    #[test]
    fn open_quotes_are_found() {
        for (text, start) in
            [("\"", 0), (".const \"abc", 7), ("X index=char:'", 13), (r#"X "a\""#, 2), ("X \"a\" '", 6)]
        {
            let open = parts(text).expect_err("a quote is open");
            assert_eq!(open.span.range(), start..text.len(), "{text:?}");
        }
    }
}
