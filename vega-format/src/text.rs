//! Values as text: how `print` and results show them, and how a command line spells them.
//!
//! What is written can be parsed again and gives the same cell, a NaN the canonical one.

use alloc::string::String;
use core::fmt::{self, Write as _};

use crate::arithmetic::{canonical_decimal, canonical_float};
use crate::cell;
use crate::types::Tag;

/// Appends the text of the value in a cell.
///
/// Integers are decimal; float and decimal are the shortest decimal digits that give the value back, without exponent
/// (`2`, `0.1`, `-0`, `NaN`, `inf`, `-inf`); a bool is `true` or `false`; a char is itself.
pub fn write_value(tag: Tag, bits: u64, out: &mut String) {
    // A `String` takes all that is written to it, so there is no error to hand on.
    let _ = match tag {
        Tag::Short => write!(out, "{}", cell::short(bits)),
        Tag::Int => write!(out, "{}", cell::int(bits)),
        Tag::Long => write!(out, "{}", cell::long(bits)),
        Tag::Float => write!(out, "{}", cell::float(bits)),
        Tag::Decimal => write!(out, "{}", cell::decimal(bits)),
        Tag::Bool => write!(out, "{}", cell::bool(bits)),
        Tag::Byte => write!(out, "{}", cell::byte(bits)),
        Tag::Char => write!(out, "{}", cell::char(bits)),
    };
}

/// A number of things: `1 byte`, `2 bytes`.
pub fn counted<N: From<u8> + PartialEq + fmt::Display>(number: N, thing: &str) -> String {
    format!("{number} {thing}{}", if number == N::from(1) { "" } else { "s" })
}

/// A text out of a file as people are told it, beside words of our own: what could end a line or fool a terminal is escaped.
pub fn escaped(text: &str) -> String {
    let is_harmless = |character: char| !character.is_control() && !is_direction_control(character);
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match is_harmless(character) {
            true => escaped.push(character),
            false => escaped.extend(character.escape_default()),
        }
    }
    escaped
}

fn is_direction_control(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// A line of a source as people are told it: `prog.vg:5`. Of a long path the end is told: `…/src/prog.vg:5`.
pub fn line_of(source: &str, line: u32) -> String {
    /// So many bytes of a path are told.
    const MOST: usize = 200;
    let start = source.ceil_char_boundary(source.len().saturating_sub(MOST));
    let (left_out, told) = source.split_at_checked(start).unwrap_or(("", source));
    format!("{}{}:{line}", if left_out.is_empty() { "" } else { "…" }, escaped(told))
}

/// The most letters of a column in a table: a name out of a file may be long.
pub(crate) const WIDEST_COLUMN: usize = 40;

/// Writes rows as a table, their cells below one another; a cell that has no room in its column ends its line, and the row
/// goes on below.
///
/// # Errors
/// `out` gives one.
pub fn write_table<const N: usize>(out: &mut dyn fmt::Write, rows: &[[String; N]]) -> fmt::Result {
    let letters = |cell: &String| cell.chars().count();
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = Some(letters(cell)).filter(|letters| *letters <= WIDEST_COLUMN).unwrap_or(0).max(*width);
        }
    }
    for row in rows {
        let mut line = String::new();
        let mut column = 0;
        for (cell, width) in row.iter().zip(widths) {
            line.push_str("  ");
            line.push_str(cell);
            column += 2 + width;
            match width.checked_sub(letters(cell)) {
                Some(blanks) => line.extend(core::iter::repeat_n(' ', blanks)),
                None => {
                    writeln!(out, "{line}")?;
                    line.clear();
                    line.extend(core::iter::repeat_n(' ', column));
                }
            }
        }
        if !line.trim_end().is_empty() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

/// The cell of a value that a user typed, or none where the text is no value of this type.
///
/// Integers: a sign if wanted, then decimal digits, or `0x` and hexadecimal ones; the value must be in range. Float and
/// decimal: digits with a sign, a point or an exponent if wanted (rounded once, to the type itself), or `inf`,
/// `infinity`, `nan` in either case; digits that only an infinity could stand for are refused. Bool: `true` or
/// `false`. Char: one character.
#[must_use]
pub fn parse_value(tag: Tag, text: &str) -> Option<u64> {
    match tag {
        Tag::Short => parse_integer(text).and_then(|value| i16::try_from(value).ok()).map(cell::from_short),
        Tag::Int => parse_integer(text).and_then(|value| i32::try_from(value).ok()).map(cell::from_int),
        Tag::Long => parse_integer(text).and_then(|value| i64::try_from(value).ok()).map(cell::from_long),
        Tag::Byte => parse_integer(text).and_then(|value| u8::try_from(value).ok()).map(cell::from_byte),
        Tag::Float => {
            let value: f32 = text.parse().ok()?;
            (!value.is_infinite() || spells_infinity(text)).then(|| cell::from_float(canonical_float(value)))
        }
        Tag::Decimal => {
            let value: f64 = text.parse().ok()?;
            (!value.is_infinite() || spells_infinity(text)).then(|| cell::from_decimal(canonical_decimal(value)))
        }
        Tag::Bool => text.parse().ok().map(cell::from_bool),
        Tag::Char => text.parse().ok().map(cell::from_char),
    }
}

/// The character at the start of some bytes, U+FFFD where they are none, and how many bytes it takes. Of no bytes, one.
#[must_use]
pub fn first_char(bytes: &[u8]) -> (char, usize) {
    let longest = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    let Some(chunk) = longest.utf8_chunks().next() else { return (char::REPLACEMENT_CHARACTER, 1) };
    match chunk.valid().chars().next() {
        Some(first) => (first, first.len_utf8()),
        None => (char::REPLACEMENT_CHARACTER, chunk.invalid().len()),
    }
}

/// How many of the bytes of a bounded text are its text: those up to the last one that is not 0.
#[must_use]
pub fn bounded_length(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

/// An optional sign, then digits, which `from_str_radix` alone would not insist on: it takes a second sign.
fn parse_integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let (radix, digits) = hexadecimal.map_or((10, digits), |digits| (16, digits));
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, radix).ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

/// Whether a text that parses as an infinity says so, and is not just a number out of range.
fn spells_infinity(text: &str) -> bool {
    !text.contains(|character: char| character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(tag: Tag, bits: u64) -> String {
        let mut out = String::new();
        write_value(tag, bits, &mut out);
        out
    }

    #[test]
    fn values_are_written_in_the_shortest_exact_form() {
        let huge = format!("1{}", "0".repeat(300));
        let tiny = format!("0.{}5", "0".repeat(323));
        let decimal = |value: f64, text: &str| (Tag::Decimal, value.to_bits(), text.to_owned());
        let cases = [
            (Tag::Short, cell::from_short(i16::MIN), "-32768".into()),
            (Tag::Int, cell::from_int(100), "100".into()),
            (Tag::Int, cell::from_int(i32::MIN), "-2147483648".into()),
            (Tag::Long, cell::from_long(i64::MIN), "-9223372036854775808".into()),
            (Tag::Byte, cell::from_byte(255), "255".into()),
            (Tag::Float, cell::from_float(0.1), "0.1".into()),
            (Tag::Float, cell::from_float(16_777_216.0), "16777216".into()),
            (Tag::Float, cell::from_float(f32::NEG_INFINITY), "-inf".into()),
            decimal(2.0, "2"),
            decimal(0.1, "0.1"),
            decimal(-3.5, "-3.5"),
            decimal(1e300, &huge),
            decimal(5e-324, &tiny),
            decimal(-0.0, "-0"),
            decimal(f64::NAN, "NaN"),
            decimal(-f64::NAN, "NaN"),
            decimal(f64::INFINITY, "inf"),
            decimal(f64::NEG_INFINITY, "-inf"),
            (Tag::Bool, 0, "false".into()),
            (Tag::Bool, 1, "true".into()),
            (Tag::Bool, 2, "true".into()),
            (Tag::Char, cell::from_char('A'), "A".into()),
            (Tag::Char, cell::from_char('\n'), "\n".into()),
            (Tag::Char, 0xD800, "\u{FFFD}".into()),
        ];
        for (tag, bits, text) in cases {
            assert_eq!(written(tag, bits), text, "{tag}");
        }
        let mut out = String::from("x = ");
        write_value(Tag::Int, cell::from_int(-1), &mut out);
        assert_eq!(out, "x = -1");
    }

    #[test]
    fn lines_are_those_of_short_paths() {
        assert_eq!(line_of("a\nb.vg", 5), "a\\nb.vg:5");
        assert_eq!(line_of(&format!("{}/b.vg", "ä".repeat(500)), 5), format!("…{}/b.vg:5", "ä".repeat(97)));
    }

    #[test]
    fn what_a_user_types_is_read() {
        let cases = [
            (Tag::Short, "-32768", cell::from_short(i16::MIN)),
            (Tag::Short, "0x7fff", cell::from_short(i16::MAX)),
            (Tag::Int, "42", cell::from_int(42)),
            (Tag::Int, "+42", cell::from_int(42)),
            (Tag::Int, "007", cell::from_int(7)),
            (Tag::Int, "-0x80000000", cell::from_int(i32::MIN)),
            (Tag::Long, "9223372036854775807", cell::from_long(i64::MAX)),
            (Tag::Byte, "0XFF", cell::from_byte(255)),
            (Tag::Byte, "-0", cell::from_byte(0)),
            (Tag::Decimal, "3", cell::from_decimal(3.0)),
            (Tag::Decimal, "-3.5", cell::from_decimal(-3.5)),
            (Tag::Decimal, "1e9", cell::from_decimal(1e9)),
            (Tag::Decimal, "-0", cell::from_decimal(-0.0)),
            (Tag::Decimal, "inf", cell::from_decimal(f64::INFINITY)),
            (Tag::Decimal, "-Infinity", cell::from_decimal(f64::NEG_INFINITY)),
            (Tag::Decimal, "nan", 0x7FF8_0000_0000_0000),
            (Tag::Decimal, "-nan", 0x7FF8_0000_0000_0000),
            (Tag::Float, "NaN", 0x7FC0_0000),
            (Tag::Float, "0.1", cell::from_float(0.1)),
            (Tag::Float, "1e-60", cell::from_float(0.0)),
            (Tag::Bool, "true", 1),
            (Tag::Bool, "false", 0),
            (Tag::Char, "€", cell::from_char('€')),
            (Tag::Char, " ", cell::from_char(' ')),
        ];
        for (tag, text, expected) in cases {
            assert_eq!(parse_value(tag, text), Some(expected), "{tag} {text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let long = "9".repeat(100_000);
        let cases: [(Tag, &[&str]); 8] = [
            (Tag::Short, &["32768", "-32769", "0x8000", "1.0"]),
            (
                Tag::Int,
                &[
                    "",
                    "-",
                    "+",
                    "--1",
                    "+-1",
                    "0x",
                    "0x-1",
                    "-0x80000001",
                    "2147483648",
                    "0xffffffff",
                    "1_000",
                    " 1",
                    "1l",
                    "٣",
                    &long,
                ],
            ),
            (Tag::Long, &["9223372036854775808", "0xffffffffffffffff"]),
            (Tag::Byte, &["256", "-1", "0x100"]),
            (Tag::Float, &["1e39", "-1e39"]),
            (Tag::Decimal, &["", "x", "1e400", "0x10", "1,5", "1e", &long]),
            (Tag::Bool, &["1", "True", ""]),
            (Tag::Char, &["", "ab", "e\u{301}", "'a'"]),
        ];
        for (tag, texts) in cases {
            for text in texts {
                assert_eq!(parse_value(tag, text), None, "{tag} {text}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same_value(tag in prop::sample::select(Tag::ALL.to_vec()), bytes: [u8; 8]) {
            let value = cell::decode(tag, &bytes);
            let expected = match tag {
                Tag::Float => cell::from_float(canonical_float(cell::float(value))),
                Tag::Decimal => cell::from_decimal(canonical_decimal(cell::decimal(value))),
                _ => value,
            };
            prop_assert_eq!(parse_value(tag, &written(tag, value)), Some(expected));
        }

        #[test]
        fn any_text_is_taken_or_refused(tag in prop::sample::select(Tag::ALL.to_vec()), text in "\\PC{0,12}|[-+0-9.exXinfa]{0,12}") {
            if let Some(value) = parse_value(tag, &text) {
                prop_assert_eq!(parse_value(tag, &written(tag, value)), Some(value));
            }
        }
    }
}
