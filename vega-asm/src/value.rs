//! Constants as text, `int:42`, `char:'x'`, `"text"`: the same in a `.const` directive and as an operand.
//!
//! Digits behind `0x`, `0o` and `0b` are the bits of the value, so every float can be written, whatever its NaN carries; and
//! with an exponent behind `p` they are its value.

use crate::hex_float::{self, BadHexFloat};
use crate::literal::{self, BadNumber};
use std::borrow::Cow;
use std::fmt::Write as _;
use vega_format::builder::ConstantValue;
use vega_format::container::Value;
use vega_format::types::Tag;
use vega_format::{cell, text};
use vega_report::quote;

/// Why a word is no constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadValue {
    /// The literal is malformed; its first byte in the word is told.
    Literal(usize, literal::BadLiteral),
    /// There is no such type.
    Type(String),
    /// The value is none of its type: what was found and what was wanted.
    Malformed(String),
    /// The value is outside its type's range: what was found and the range.
    OutOfRange(String),
}

/// The value that a word without a type must mean: `true`, `'x'`, `-1`, `3.14`. A number from 0 on counts constants.
pub fn with_type(word: &str) -> Option<String> {
    let is_meant = word.starts_with(['-', '\'']) || word.contains('.') || matches!(word, "true" | "false");
    if !is_meant {
        return None;
    }
    let types = [Tag::Bool, Tag::Char, Tag::Int, Tag::Long, Tag::Decimal].into_iter();
    types.map(|tag| format!("{}:{word}", tag.name())).find(|typed| parse(typed).is_ok())
}

/// Whether a word starts as a constant does, rather than as a number.
pub fn is_value(word: &str) -> bool {
    word.starts_with('"') || word.contains(':')
}

/// Reads a constant.
///
/// # Errors
/// It is none.
pub fn parse(word: &str) -> Result<ConstantValue, BadValue> {
    if word.starts_with('"') {
        return literal::string(word).map(ConstantValue::String).map_err(|bad| BadValue::Literal(0, bad));
    }
    let Some((name, value)) = word.split_once(':') else {
        let words = format!("found `{}`, wanted a constant such as `int:42`, `char:'x'` or `\"text\"`", quote(word));
        return Err(BadValue::Malformed(words));
    };
    let tag = Tag::from_name(name).ok_or_else(|| BadValue::Type(name.to_owned()))?;
    if tag == Tag::Char {
        let letter = literal::character(value);
        let letter = letter.map_err(|bad| BadValue::Literal(name.len() + 1, bad))?;
        return Ok(ConstantValue::Scalar(tag, cell::from_char(letter)));
    }
    let is_float = matches!(tag, Tag::Float | Tag::Decimal);
    let bits = match literal::base(value) {
        _ if is_float && hex_float::is_hex_float(value) => from_hex_float(tag, value),
        (_, 2 | 8 | 16) if tag != Tag::Bool => from_bits(tag, value),
        // Text has one NaN only.
        _ if is_float && is_other_nan(value) => {
            let bits = if tag == Tag::Float { "0xffc00000" } else { "0xfff8000000000000" };
            let words = format!(
                "found `{}`; a NaN with a sign or a payload is spelled by its bits: `{tag}:{bits}`",
                quote(value)
            );
            Err(BadValue::Malformed(words))
        }
        _ => text::parse_value(tag, &without_marks(value)).ok_or_else(|| why(tag, value)),
    };
    bits.map(|bits| ConstantValue::Scalar(tag, bits))
}

/// Whether a NaN is meant that is not the one that `NaN` spells.
fn is_other_nan(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let rest = lower.trim_start_matches(['-', '+']).strip_prefix("nan");
    rest.is_some_and(|rest| lower.starts_with('-') || rest.starts_with(['(', ':']))
}

/// A number without the `_` that stand between two of its digits.
fn without_marks(value: &str) -> Cow<'_, str> {
    if !value.contains('_') {
        return value.into();
    }
    let is_digit =
        |place: Option<usize>| place.and_then(|place| value.as_bytes().get(place)).is_some_and(u8::is_ascii_digit);
    let is_mark = |place: usize| is_digit(place.checked_sub(1)) && is_digit(Some(place + 1));
    let kept = value.char_indices().filter(|(place, letter)| *letter != '_' || !is_mark(*place));
    kept.map(|(_, letter)| letter).collect()
}

fn from_hex_float(tag: Tag, value: &str) -> Result<u64, BadValue> {
    hex_float::parse(tag, value).map_err(|bad| {
        let found = quote(value);
        match bad {
            BadHexFloat::Malformed => BadValue::Malformed(format!("found `{found}`, wanted a float such as `0x1.8p3`")),
            BadHexFloat::OutOfRange => BadValue::OutOfRange(format!("`{found}` is out of range for `{tag}`")),
            BadHexFloat::TooPrecise => {
                BadValue::OutOfRange(format!("`{found}` has more digits than `{tag}` holds; nothing is rounded"))
            }
        }
    })
}

/// Digits of a base other than 10, as many as the type has bits for.
fn from_bits(tag: Tag, value: &str) -> Result<u64, BadValue> {
    let most = u64::MAX >> (64 - 8 * tag.size());
    let bits = literal::number(value, most).map_err(|bad| match bad {
        BadNumber::Malformed => {
            let (_, base) = literal::base(value);
            let name = if base == 16 {
                "hex"
            } else if base == 8 {
                "octal"
            } else {
                "binary"
            };
            let start = value.get(..2).unwrap_or_default();
            BadValue::Malformed(format!("found `{}`, wanted {name} digits behind `{start}`", quote(value)))
        }
        BadNumber::OutOfRange => {
            let words = format!("`{}` has more than the {} bits of `{tag}`", quote(value), 8 * tag.size());
            BadValue::OutOfRange(words)
        }
    })?;
    Ok(cell::decode(tag, &bits.to_le_bytes()))
}

/// Why `parse_value` takes no such text.
fn why(tag: Tag, value: &str) -> BadValue {
    let found = quote(value);
    let range = match tag {
        Tag::Short => (i16::MIN.to_string(), i16::MAX.to_string()),
        Tag::Int => (i32::MIN.to_string(), i32::MAX.to_string()),
        Tag::Long => (i64::MIN.to_string(), i64::MAX.to_string()),
        Tag::Byte => (u8::MIN.to_string(), u8::MAX.to_string()),
        Tag::Float => (f32::MIN.to_string(), f32::MAX.to_string()),
        Tag::Decimal => (format!("{:e}", f64::MIN), format!("{:e}", f64::MAX)),
        Tag::Bool => return BadValue::Malformed(format!("found `{found}`, wanted `true` or `false`")),
        Tag::Char => return BadValue::Malformed(format!("found `{found}`, wanted a character in single quotes")),
    };
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let is_number = if matches!(tag, Tag::Float | Tag::Decimal) {
        value.parse::<f64>().is_ok()
    } else {
        !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
    };
    if is_number {
        BadValue::OutOfRange(format!("`{found}` is out of range for `{tag}`: {} to {}", range.0, range.1))
    } else {
        BadValue::Malformed(format!("found `{found}`, wanted a number for `{tag}`"))
    }
}

/// The longest plain spelling of a float; longer ones get an exponent.
const MOST_DIGITS: usize = 24;

/// A scalar as text that [`parse`] reads as the same bits.
pub fn spell_scalar(tag: Tag, bits: u64) -> String {
    let mut word = String::new();
    write_scalar(&mut word, tag, bits);
    word
}

/// Writes a scalar as text that [`parse`] reads as the same bits.
pub fn write_scalar(out: &mut String, tag: Tag, bits: u64) {
    out.push_str(tag.name());
    out.push(':');
    let mut digits = itoa::Buffer::new();
    match tag {
        Tag::Short | Tag::Int | Tag::Long | Tag::Byte => out.push_str(digits.format(bits as i64)),
        Tag::Char => literal::write_character(out, cell::char(bits)),
        Tag::Bool => text::write_value(tag, bits, out),
        Tag::Float | Tag::Decimal => write_float(out, tag, bits),
    }
}

fn write_float(out: &mut String, tag: Tag, bits: u64) {
    let start = out.len();
    let written = |out: &String| text::parse_value(tag, out.get(start..).unwrap_or_default());
    text::write_value(tag, bits, out);
    // A `String` takes all that is written to it, so there is no error to hand on.
    if out.len() - start > MOST_DIGITS {
        out.truncate(start);
        let _ = match tag {
            Tag::Float => write!(out, "{:e}", cell::float(bits)),
            _ => write!(out, "{:e}", cell::decimal(bits)),
        };
    }
    if written(out) != Some(bits) {
        out.truncate(start);
        let _ = write!(out, "0x{bits:0width$x}", width = 2 * tag.size() as usize);
    }
}

/// A constant as text, of a string no more than about `most` bytes, then `…`: for comments and tables.
pub fn spell_short(value: Value<'_>, most: usize) -> String {
    match value {
        Value::Scalar(tag, bits) => spell_scalar(tag, bits),
        Value::String(text) if text.len() <= most => literal::spell_string(text),
        Value::String(text) => {
            let start = text.get(..text.floor_char_boundary(most)).unwrap_or_default();
            format!("{}…", literal::spell_string(start))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn constants_are_read() {
        let scalar = |tag, bits| Ok(ConstantValue::Scalar(tag, bits));
        let cases = [
            ("int:42", scalar(Tag::Int, 42)),
            ("int:-1", scalar(Tag::Int, u64::MAX)),
            ("int:0xffff_ffff", scalar(Tag::Int, u64::MAX)),
            ("byte:0xff", scalar(Tag::Byte, 255)),
            ("byte:0b1000_0001", scalar(Tag::Byte, 129)),
            ("short:0o177777", scalar(Tag::Short, u64::MAX)),
            ("decimal:0x1.8p3", scalar(Tag::Decimal, 12f64.to_bits())),
            ("float:-0x1p-149", scalar(Tag::Float, 0x8000_0001)),
            ("float:0x7fc00001", scalar(Tag::Float, 0x7fc0_0001)),
            ("decimal:-0", scalar(Tag::Decimal, 1 << 63)),
            ("decimal:1e300", scalar(Tag::Decimal, 1e300f64.to_bits())),
            ("decimal:NaN", scalar(Tag::Decimal, 0x7ff8 << 48)),
            ("bool:true", scalar(Tag::Bool, 1)),
            ("char:'\\n'", scalar(Tag::Char, 10)),
            ("\"a:b\"", Ok(ConstantValue::String("a:b".to_owned()))),
        ];
        for (word, expected) in cases {
            assert_eq!(parse(word), expected, "{word}");
        }
    }

    #[test]
    fn everything_else_says_why_not() {
        let words = |word: &str| match parse(word) {
            Err(BadValue::Malformed(words)) => format!("malformed: {words}"),
            Err(BadValue::OutOfRange(words)) => format!("range: {words}"),
            Err(BadValue::Type(name)) => format!("type: {name}"),
            other => format!("{other:?}"),
        };
        let cases = [
            ("byte:256", "range: `256` is out of range for `byte`: 0 to 255"),
            ("byte:-1", "range: `-1` is out of range for `byte`: 0 to 255"),
            ("byte:0x100", "range: `0x100` has more than the 8 bits of `byte`"),
            (
                "decimal:1e999",
                "range: `1e999` is out of range for `decimal`: -1.7976931348623157e308 to 1.7976931348623157e308",
            ),
            ("int:x", "malformed: found `x`, wanted a number for `int`"),
            ("int:0x", "malformed: found `0x`, wanted hex digits behind `0x`"),
            ("byte:0b2", "malformed: found `0b2`, wanted binary digits behind `0b`"),
            ("float:0x1.8", "malformed: found `0x1.8`, wanted hex digits behind `0x`"),
            ("float:0x1.8q", "malformed: found `0x1.8q`, wanted hex digits behind `0x`"),
            ("float:0xp1", "malformed: found `0xp1`, wanted a float such as `0x1.8p3`"),
            ("float:0x1.000001p0", "range: `0x1.000001p0` has more digits than `float` holds; nothing is rounded"),
            ("float:0x1p128", "range: `0x1p128` is out of range for `float`"),
            ("bool:1", "malformed: found `1`, wanted `true` or `false`"),
            ("string:x", "type: string"),
            ("42", "malformed: found `42`, wanted a constant such as `int:42`, `char:'x'` or `\"text\"`"),
        ];
        for (word, expected) in cases {
            assert_eq!(words(word), expected, "{word}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(tag in prop::sample::select(Tag::ALL.to_vec()), bytes: [u8; 8]) {
            let bits = cell::decode(tag, &bytes);
            let word = spell_scalar(tag, bits);
            prop_assert_eq!(parse(&word), Ok(ConstantValue::Scalar(tag, bits)), "{}", word);
        }
    }
}
