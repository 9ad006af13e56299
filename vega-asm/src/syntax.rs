//! The grammar of one line: words, strings and comments, with their places. It knows no mnemonic and no directive.
//!
//! A line is `label: word argument argument ; comment`, where everything may be left out. A word runs to the next blank;
//! quotes inside it keep blanks and comment signs together: `"a ; b"`, `char:' '`.

use nom::branch::alt;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::{anychar, char, none_of};
use nom::combinator::{opt, recognize, value};
use nom::error::{ErrorKind, ParseError};
use nom::multi::{many0_count, many1_count};
use nom::sequence::{preceded, terminated};
use nom::{IResult, Offset as _, Parser as _};
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
    fn new(key: Option<Span>, value: Span) -> Argument {
        Argument { span: key.unwrap_or(value).to(value), value: value.start, appended: false }
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

/// What a line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The labels, without their colons.
    pub labels: Vec<Span>,
    /// The mnemonic or directive.
    pub head: Option<Span>,
    /// What stands behind it.
    pub arguments: Vec<Argument>,
}

/// A quote that is not closed on its line, where it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenQuote {
    /// From the quote to the end of the line.
    pub span: Span,
    /// Which quote.
    pub quote: char,
}

/// Reads the line that stands at `bytes` of `text`.
///
/// # Errors
/// A string or character is not closed.
pub fn parse_line(text: &str, bytes: Range<usize>) -> Result<Line, OpenQuote> {
    let source = text.get(bytes.clone()).unwrap_or_default();
    let place = |part: &str| {
        let start = bytes.start + source.offset(part);
        Span::new(start, start + part.len())
    };
    match line(source) {
        Ok((_, (labels, statement))) => {
            let (head, arguments) = statement.map_or((None, Vec::new()), |(head, arguments)| (Some(head), arguments));
            let argument = |(key, value): (Option<&str>, &str)| Argument::new(key.map(place), place(value));
            Ok(Line {
                labels: labels.into_iter().map(place).collect(),
                head: head.map(place),
                arguments: arguments.into_iter().map(argument).collect(),
            })
        }
        Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => {
            Err(OpenQuote { span: place(failure.at), quote: failure.at.chars().next().unwrap_or('"') })
        }
        Err(nom::Err::Incomplete(_)) => Ok(Line::default()),
    }
}

// The grammar: a function bears the name of its production.

/// The rest of the line from an open quote on.
#[derive(Debug)]
struct Failure<'a> {
    at: &'a str,
}

impl<'a> ParseError<&'a str> for Failure<'a> {
    fn from_error_kind(at: &'a str, _: ErrorKind) -> Failure<'a> {
        Failure { at }
    }

    fn append(_: &'a str, _: ErrorKind, other: Failure<'a>) -> Failure<'a> {
        other
    }
}

type Step<'a, T> = IResult<&'a str, T, Failure<'a>>;
type KeyAndValue<'a> = (Option<&'a str>, &'a str);
type Statement<'a> = (&'a str, Vec<KeyAndValue<'a>>);

/// `{ label } [ word { argument } ] [ comment ]`
fn line(input: &str) -> Step<'_, (Vec<&str>, Option<Statement<'_>>)> {
    let (mut input, ()) = blanks(input)?;
    let mut labels = Vec::new();
    while let (rest, Some(name)) = opt(label).parse(input)? {
        labels.push(name);
        input = rest;
    }
    let (mut input, Some(head)) = opt(terminated(word, blanks)).parse(input)? else {
        return Ok((input, (labels, None)));
    };
    let mut arguments = Vec::new();
    while let (rest, Some(next)) = opt(terminated(argument, blanks)).parse(input)? {
        arguments.push(next);
        input = rest;
    }
    Ok((input, (labels, Some((head, arguments)))))
}

/// `name ":"`, then a blank or the end.
fn label(input: &str) -> Step<'_, &str> {
    let (rest, name) = terminated(take_while1(|letter| is_plain(letter) && letter != ':'), char(':')).parse(input)?;
    match rest.chars().next() {
        Some(next) if is_plain(next) || is_quote(next) => Err(nom::Err::Error(Failure { at: input })),
        _ => terminated(nom::combinator::success(name), blanks).parse(rest),
    }
}

/// `[ key "=" ] word`
fn argument(input: &str) -> Step<'_, KeyAndValue<'_>> {
    let (rest, key) = opt(terminated(take_while1(is_key), char('='))).parse(input)?;
    match key {
        None => word(rest).map(|(rest, word)| (rest, (None, word))),
        Some(_) => opt(word).parse(rest).map(|(after, word)| (after, (key, word.unwrap_or(&rest[..0])))),
    }
}

/// Letters and quoted parts without a blank between them.
fn word(input: &str) -> Step<'_, &str> {
    recognize(many1_count(alt((value((), take_while1(is_plain)), quoted)))).parse(input)
}

/// A string or a character with its quotes.
fn quoted(input: &str) -> Step<'_, ()> {
    let Some(quote) = input.chars().next().filter(|letter| is_quote(*letter)) else {
        return Err(nom::Err::Error(Failure { at: input }));
    };
    let escape = value((), preceded(char('\\'), anychar));
    let letter = value((), none_of(if quote == '"' { "\"\\" } else { "'\\" }));
    let whole: Step<'_, _> = (char(quote), many0_count(alt((escape, letter))), char(quote)).parse(input);
    whole.map(|(rest, _)| (rest, ())).map_err(|_| nom::Err::Failure(Failure { at: input }))
}

fn blanks(input: &str) -> Step<'_, ()> {
    value((), take_while(is_blank)).parse(input)
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

fn is_quote(letter: char) -> bool {
    matches!(letter, '"' | '\'')
}

fn is_plain(letter: char) -> bool {
    !is_blank(letter) && !is_quote(letter) && !matches!(letter, ';' | '#')
}

fn is_key(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a line: labels with colons, keys with equals signs.
    fn check(text: &str, expected: &[&str]) {
        let line = parse_line(text, 0..text.len()).expect("quotes are closed");
        let labels = line.labels.iter().map(|label| format!("{}:", label.of(text)));
        let arguments = line.arguments.iter().map(|argument| match argument.key() {
            Some(key) => format!("{}={}", key.of(text), argument.value().of(text)),
            None => argument.value().of(text).to_owned(),
        });
        let head = line.head.map(|head| head.of(text).to_owned());
        assert_eq!(labels.chain(head).chain(arguments).collect::<Vec<_>>(), expected, "{text:?}");
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
            let open = parse_line(text, 0..text.len()).expect_err("a quote is open");
            assert_eq!(open.span.range(), start..text.len(), "{text:?}");
        }
    }
}
