//! Strings, characters and numbers as text: how they are read and how they are written.
//!
//! What is written here is read back as the same thing.

use std::ops::Range;

/// What is wrong with a quoted literal, and at which of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLiteral {
    /// The bytes of the literal, quotes counted, that are wrong.
    pub at: Range<usize>,
    /// What was found and what was wanted.
    pub words: String,
}

fn bad<T>(at: Range<usize>, words: impl Into<String>) -> Result<T, BadLiteral> {
    Err(BadLiteral { at, words: words.into() })
}

/// The text of `"…"`.
///
/// # Errors
/// It is no string, or has an escape that is none.
pub fn string(word: &str) -> Result<String, BadLiteral> {
    unquote(word, '"', "a string in double quotes")
}

/// The character of `'…'`.
///
/// # Errors
/// It is no character, or has an escape that is none.
pub fn character(word: &str) -> Result<char, BadLiteral> {
    let text = unquote(word, '\'', "a character in single quotes")?;
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => Ok(letter),
        (None, _) => bad(0..word.len(), "nothing between the quotes, wanted one character"),
        (Some(_), Some(_)) => {
            let count = text.chars().count();
            bad(0..word.len(), format!("{count} characters between the quotes, wanted one"))
        }
    }
}

fn unquote(word: &str, quote: char, wanted: &str) -> Result<String, BadLiteral> {
    let Some(inside) = word.strip_prefix(quote) else {
        return bad(0..word.len(), format!("found `{}`, wanted {wanted}", vega_report::quote(word)));
    };
    let mut text = String::with_capacity(inside.len());
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        let at = at + quote.len_utf8();
        match letter {
            '\\' => {
                let rest = word.get(at + 1..).unwrap_or_default();
                let (letter, length) = escape(rest)
                    .map_err(|(length, words)| BadLiteral { at: at..(at + 1 + length).min(word.len()), words })?;
                text.push(letter);
                for _ in 0..rest.get(..length).map_or(0, |escape| escape.chars().count()) {
                    letters.next();
                }
            }
            _ if letter == quote => {
                let rest = at + letter.len_utf8();
                return match word.len() - rest {
                    0 => Ok(text),
                    _ => bad(rest..word.len(), "text directly behind the closing quote, wanted a blank"),
                };
            }
            _ => text.push(letter),
        }
    }
    bad(0..word.len(), "the quote is never closed")
}

/// The character of an escape, from behind its backslash, and its bytes; or the bytes that are wrong, and why.
fn escape(rest: &str) -> Result<(char, usize), (usize, String)> {
    let Some(letter) = rest.chars().next() else { return Err((0, "the backslash escapes nothing".to_owned())) };
    let plain = match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        '\\' | '"' | '\'' => letter,
        'u' => return unicode_escape(rest),
        _ => {
            let found = vega_report::quote(&format!("\\{letter}"));
            let words = format!(r#"unknown escape `{found}`, wanted one of \n \r \t \0 \\ \" \' \u{{hex}}"#);
            return Err((letter.len_utf8(), words));
        }
    };
    Ok((plain, 1))
}

/// `u{hex}`
fn unicode_escape(rest: &str) -> Result<(char, usize), (usize, String)> {
    let malformed = |length| Err((length, r"malformed escape, wanted `\u{` one to six hex digits `}`".to_owned()));
    let Some(inside) = rest.strip_prefix("u{") else { return malformed(1) };
    let digits = inside.bytes().take_while(u8::is_ascii_hexdigit).count();
    let length = "u{}".len() + digits;
    let (digits, after) = inside.split_at_checked(digits).unwrap_or_default();
    if !(1..=6).contains(&digits.len()) || !after.starts_with('}') {
        return malformed("u{".len() + digits.len());
    }
    let number = u32::from_str_radix(digits, 16).unwrap_or(u32::MAX);
    match char::from_u32(number) {
        Some(letter) => Ok((letter, length)),
        None if number > 0x10_FFFF => {
            Err((length, format!(r"`\u{{{digits}}}` is beyond U+10FFFF, the last Unicode character")))
        }
        None => Err((length, format!(r"`\u{{{digits}}}` is half of a surrogate pair, not a Unicode character"))),
    }
}

/// A text as a string literal. Quotes, backslashes and everything that cannot be seen are escaped.
pub fn spell_string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    write_string(&mut literal, text);
    literal
}

/// Writes a text as a string literal.
pub fn write_string(out: &mut String, text: &str) {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\');
    out.push('"');
    match text.bytes().all(is_plain) {
        true => out.push_str(text),
        false => out.extend(text.escape_debug()),
    }
    out.push('"');
}

/// Writes a character as a literal.
pub fn write_character(out: &mut String, letter: char) {
    out.push('\'');
    out.extend(letter.escape_debug());
    out.push('\'');
}

/// Why a word is no number that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadNumber {
    /// It is no number at all.
    Malformed,
    /// It is a number, and a smaller or greater one than is wanted.
    OutOfRange,
}

/// The digits of a number and its base: 16 behind `0x`, 8 behind `0o`, 2 behind `0b`, else 10.
pub fn base(word: &str) -> (&str, u32) {
    match word.as_bytes() {
        [b'0', b'x' | b'X', ..] => (word.get(2..).unwrap_or_default(), 16),
        [b'0', b'o' | b'O', ..] => (word.get(2..).unwrap_or_default(), 8),
        [b'0', b'b' | b'B', ..] => (word.get(2..).unwrap_or_default(), 2),
        _ => (word, 10),
    }
}

/// A number that is not negative: digits of a [`base`], with `_` between digits.
///
/// # Errors
/// It is none, or above `most`.
pub fn number(word: &str, most: u64) -> Result<u64, BadNumber> {
    let (word, negative) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
    let (digits, radix) = base(word);
    let mut number = 0u64;
    let mut fits = !negative;
    let mut last_is_digit = false;
    for letter in digits.bytes() {
        match char::from(letter).to_digit(radix) {
            Some(digit) => {
                let next = number.checked_mul(radix.into()).and_then(|tens| tens.checked_add(digit.into()));
                fits &= next.is_some();
                number = next.unwrap_or(0);
                last_is_digit = true;
            }
            None if letter == b'_' && last_is_digit => last_is_digit = false,
            None => return Err(BadNumber::Malformed),
        }
    }
    match last_is_digit {
        false => Err(BadNumber::Malformed),
        true if fits && number <= most => Ok(number),
        true => Err(BadNumber::OutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn strings_are_read() {
        let cases = [
            (r#""""#, Ok("")),
            (r#""a b""#, Ok("a b")),
            (r#""\n\r\t\0\\\"\'\u{41}\u{10FFFF}é""#, Ok("\n\r\t\0\\\"'A\u{10FFFF}é")),
            (r#""\x""#, Err(1..3)),
            (r#""ä\ä""#, Err(3..6)),
            (r#""\u{110000}""#, Err(1..11)),
            (r#""\u{D800}""#, Err(1..9)),
            (r#""\u{}""#, Err(1..4)),
            (r#""\u41""#, Err(1..3)),
            (r#""\u{0000041}""#, Err(1..11)),
            (r#""a"b"#, Err(3..4)),
            (r#""a"#, Err(0..2)),
            ("a", Err(0..1)),
        ];
        for (word, expected) in cases {
            let found = string(word).map_err(|error| error.at);
            assert_eq!(found.as_deref(), expected.as_ref().copied(), "{word}");
        }
    }

    #[test]
    fn characters_are_read() {
        for (word, expected) in
            [("'x'", Some('x')), (r"'\''", Some('\'')), ("'\"'", Some('"')), ("''", None), ("'ab'", None), ("x", None)]
        {
            assert_eq!(character(word).ok(), expected, "{word}");
        }
    }

    #[test]
    fn numbers_are_read() {
        use BadNumber::{Malformed, OutOfRange};
        let cases = [
            ("0", Ok(0)),
            ("255", Ok(255)),
            ("0xff", Ok(255)),
            ("0b1111_1111", Ok(255)),
            ("0o377", Ok(255)),
            ("0o400", Err(OutOfRange)),
            ("0b2", Err(Malformed)),
            ("0o8", Err(Malformed)),
            ("1_00", Ok(100)),
            ("256", Err(OutOfRange)),
            ("-1", Err(OutOfRange)),
            ("99999999999999999999999", Err(OutOfRange)),
            ("0x1_0000_0000", Err(OutOfRange)),
            ("", Err(Malformed)),
            ("-", Err(Malformed)),
            ("0x", Err(Malformed)),
            ("1_", Err(Malformed)),
            ("_1", Err(Malformed)),
            ("1__0", Err(Malformed)),
            ("1a", Err(Malformed)),
            ("٣", Err(Malformed)),
        ];
        for (word, expected) in cases {
            assert_eq!(number(word, 255), expected, "{word}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in prop::collection::vec(any::<char>(), 0..20)) {
            let text: String = text.into_iter().collect();
            prop_assert_eq!(string(&spell_string(&text)), Ok(text.clone()));
            for letter in text.chars() {
                let mut literal = String::new();
                write_character(&mut literal, letter);
                prop_assert_eq!(character(&literal), Ok(letter));
            }
        }
    }
}
