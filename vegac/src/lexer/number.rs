//! Numbers: where they end, what is wrong with them, what they are worth. Linear in their length, however long.

use std::ops::Range;

use vega_report::{Diagnostic, SourceId, quote};

use super::{TokenKind, is_in_name, run_length, word_length};
use crate::ast::{IntegerSuffix, Literal};

/// A number in the text.
pub(super) struct Number {
    pub(super) kind: TokenKind,
    pub(super) end: usize,
    pub(super) complaint: Option<Diagnostic>,
}

/// Where a number ends that is nothing but decimal digits, so few that they certainly fit 64 bits: nearly every one is, and
/// there is nothing to complain of.
pub(super) fn plain_end(text: &[u8], start: usize) -> Option<usize> {
    const MOST: usize = 19;
    let rest = text.get(start..)?;
    let digits = rest.iter().take(MOST + 1).take_while(|byte| byte.is_ascii_digit()).count();
    let ends = match rest.get(digits..) {
        // A range, and no fraction.
        Some([b'.', behind @ ..]) => behind.first() == Some(&b'.'),
        Some([behind, ..]) => behind.is_ascii() && !is_in_name(*behind),
        _ => true,
    };
    (ends && (1..=MOST).contains(&digits)).then_some(start + digits)
}

/// Reads the number at `start`. A whole one has digits only: after the point of `p.0`, so that `p.0.1` is no decimal.
pub(super) fn scan(source: SourceId, text: &str, start: usize, is_whole: bool) -> Number {
    let rest = text.get(start..).unwrap_or("");
    let parts = if is_whole { Parts::whole(rest) } else { Parts::of(rest) };
    let end = start + parts.suffix.end;
    let complaint = check(&parts, rest).map(|mut fault| {
        if text[..start].ends_with("..") && rest.starts_with('.') {
            // Elsewhere three include the end, so it is not certain which range is meant.
            let end = quote(&rest[1..parts.suffix.end]);
            let with = end.parse().ok().and_then(|end: u32| end.checked_add(1));
            let with = with.map(|next| format!("`..{next}` with {end}, ")).unwrap_or_default();
            fault.hint = format!("a range has two points, and its end is excluded: {with}`..{end}` without");
            fault.edit = None;
        } else if text[..start].ends_with(|before: char| before.is_ascii_digit()) {
            fault.hint = "a number has one point; parts of a tuple are read from a variable: `t.0`".to_owned();
            fault.edit = None;
        }
        let place = start + fault.place.start..start + fault.place.end;
        let edit = fault.edit.map(|text| (place.clone(), text));
        let diagnostic = Diagnostic::error(fault.code, fault.title).label(source, place, fault.label).hint(fault.hint);
        match edit {
            Some((place, text)) => diagnostic.edit(source, place, text),
            None => diagnostic,
        }
    });
    Number { kind: parts.kind, end, complaint }
}

/// Whether a number is followed by a point and the name of a field, as if it were an index whose bracket is closed.
pub(super) fn is_before_field(rest: &str) -> bool {
    let Some(field) = rest.get(decimal_digits(rest)..).and_then(|behind| behind.strip_prefix('.')) else {
        return false;
    };
    let name = &field[..word_length(field)];
    let begins = name.starts_with(char::is_alphabetic) && name.len() > 1 && !is_exponent(name);
    begins && !field[name.len()..].starts_with('(')
}

/// The value of an integer; what does not fit has the value 0.
pub(super) fn integer(text: &str) -> Literal {
    if let Ok(value) = text.parse() {
        return Literal::Integer(value, None);
    }
    let parts = Parts::whole(text);
    let suffix = match &text[parts.suffix.clone()] {
        "b" => Some(IntegerSuffix::Byte),
        "s" => Some(IntegerSuffix::Short),
        "l" => Some(IntegerSuffix::Long),
        _ => None,
    };
    Literal::Integer(digits_value(&text[parts.whole], 10).unwrap_or(0), suffix)
}

/// The bits of a hexadecimal number; what does not fit has the value 0.
pub(super) fn hex(text: &str) -> Literal {
    let parts = Parts::of(text);
    let digits = &text[parts.whole];
    Literal::Hex {
        bits: digits_value(digits, 16).unwrap_or(0),
        digits: u32::try_from(digit_count(digits)).unwrap_or(u32::MAX),
        long: &text[parts.suffix] == "l",
    }
}

/// A decimal: its digits and its point.
pub(super) fn decimal(text: &str) -> Literal {
    let parts = Parts::of(text);
    let digits = text[..parts.suffix.start].replace('_', "");
    Literal::Decimal(digits, &text[parts.suffix] == "f")
}

/// The parts of a number, as ranges of the text that begins with it.
struct Parts {
    kind: TokenKind,
    /// The digits before the point, or after `0x`; `_` included.
    whole: Range<usize>,
    /// The digits after the point, if there is a point.
    fraction: Option<Range<usize>>,
    /// What is stuck to the digits.
    suffix: Range<usize>,
}

impl Parts {
    fn of(rest: &str) -> Self {
        if rest.starts_with("0x") || rest.starts_with("0X") {
            return Self::hex(rest);
        }
        let whole = Self::whole(rest);
        let point = whole.whole.end;
        let after = rest.get(point..).unwrap_or("");
        if !after.starts_with('.') || after.starts_with("..") {
            return whole;
        }
        let fraction = point + 1..point + 1 + decimal_digits(after.get(1..).unwrap_or(""));
        let suffix = suffix_at(rest, fraction.end);
        Parts { kind: TokenKind::Decimal, whole: whole.whole, fraction: Some(fraction), suffix }
    }

    fn whole(rest: &str) -> Self {
        let whole = 0..decimal_digits(rest);
        let suffix = suffix_at(rest, whole.end);
        Parts { kind: TokenKind::Integer, whole, fraction: None, suffix }
    }

    fn hex(rest: &str) -> Self {
        let digits = run_length(&rest[2..], |character| character.is_ascii_hexdigit() || character == '_');
        let whole = 2..2 + digits;
        let suffix = suffix_at(rest, whole.end);
        Parts { kind: TokenKind::Hex, whole, fraction: None, suffix }
    }
}

fn decimal_digits(text: &str) -> usize {
    // A number does not begin with `_`: at the start that is a name or a field.
    match text.as_bytes().first() {
        Some(first) if first.is_ascii_digit() => {
            let digits = text.as_bytes().iter().position(|byte| !byte.is_ascii_digit() && *byte != b'_');
            digits.unwrap_or(text.len())
        }
        _ => 0,
    }
}

/// The letters and digits from `start` on, and the rest of `1e-5`.
fn suffix_at(rest: &str, start: usize) -> Range<usize> {
    let after = rest.get(start..).unwrap_or("");
    let letters = word_length(after);
    let signed = matches!(&after[..letters], "e" | "E") && matches!(after.as_bytes().get(letters), Some(b'+' | b'-'));
    let exponent = if signed { decimal_digits(&after[letters + 1..]) } else { 0 };
    let length = if exponent > 0 { letters + 1 + exponent } else { letters };
    start..start + length
}

struct Fault {
    code: &'static str,
    place: Range<usize>,
    title: String,
    label: &'static str,
    hint: String,
    /// What is certainly meant, in the place.
    edit: Option<String>,
}

fn check(parts: &Parts, rest: &str) -> Option<Fault> {
    misplaced_underscore(parts, rest)
        .or_else(|| incomplete(parts, rest))
        .or_else(|| wrong_suffix(parts, rest))
        .or_else(|| too_large(parts, rest))
}

fn misplaced_underscore(parts: &Parts, rest: &str) -> Option<Fault> {
    let is_all = wrong_suffix(parts, rest).is_none();
    let digits = [Some(parts.whole.clone()), parts.fraction.clone()].into_iter().flatten();
    let misplaced = digits.filter(|range| {
        let digits = &rest[range.clone()];
        digits.starts_with('_') || digits.ends_with('_')
    });
    misplaced
        .map(|range| {
            let at = if rest[range.clone()].starts_with('_') { range.start } else { range.end - 1 };
            Fault {
                code: "E0112",
                place: at..at + 1,
                title: "found `_` at the edge of a number, expected it between two digits".to_owned(),
                label: "not between two digits",
                hint: "remove this `_`".to_owned(),
                edit: is_all.then(String::new),
            }
        })
        .next()
}

fn incomplete(parts: &Parts, rest: &str) -> Option<Fault> {
    let whole = &rest[parts.whole.clone()];
    let suffix = &rest[parts.suffix.clone()];
    let place = 0..parts.suffix.end;
    let written = || quote(&rest[..parts.suffix.end]);
    if parts.kind == TokenKind::Hex {
        return whole.is_empty().then(|| Fault {
            code: "E0110",
            place,
            title: format!("found `{}`, expected hexadecimal digits after `0x`", written()),
            label: "no digits",
            hint: "the digits are `0` to `9` and `a` to `f`, as in `0xFF`".to_owned(),
            edit: None,
        });
    }
    let fraction = &rest[parts.fraction.clone()?];
    if !whole.is_empty() && !fraction.is_empty() {
        return None;
    }
    let known_suffix = if suffix == "f" { "f" } else { "" };
    if !whole.is_empty() && !suffix.is_empty() && rest[parts.suffix.end..].starts_with('(') {
        let more = if rest[parts.suffix.end..].starts_with("()") { "" } else { ", …" };
        let (suffix, whole) = (quote(suffix), quote(whole));
        return Some(Fault {
            code: "E0109",
            place,
            title: format!("found `{}`, expected digits on both sides of the point", written()),
            label: "no digits after the point",
            hint: format!("there are no methods: functions are called by their names, `{suffix}({whole}{more})`"),
            edit: None,
        });
    }
    let or_zero = |digits: &str| if digits.is_empty() { "0".to_owned() } else { quote(digits) };
    let written_out = format!("{}.{}{known_suffix}", or_zero(whole), or_zero(fraction));
    Some(Fault {
        code: "E0109",
        place,
        title: format!("found `{}`, expected digits on both sides of the point", written()),
        label: if whole.is_empty() { "no digits before the point" } else { "no digits after the point" },
        hint: format!("write `{written_out}`"),
        edit: (suffix == known_suffix && written_out.len() == rest[..parts.suffix.end].len() + 1)
            .then_some(written_out),
    })
}

fn wrong_suffix(parts: &Parts, rest: &str) -> Option<Fault> {
    let suffix = &rest[parts.suffix.clone()];
    let allowed = match parts.kind {
        TokenKind::Integer => matches!(suffix, "" | "b" | "s" | "l"),
        TokenKind::Hex => matches!(suffix, "" | "l"),
        _ => matches!(suffix, "" | "f"),
    };
    if allowed {
        return None;
    }
    let digits = quote(&rest[..parts.suffix.start]);
    let place = parts.suffix.clone();
    if parts.kind != TokenKind::Hex && is_exponent(suffix) {
        return Some(Fault {
            code: "E0115",
            place,
            title: format!("found the exponent `{}`, expected digits only", quote(suffix)),
            label: "numbers have no exponent",
            hint: "write the digits out, as in `1500.0` for `1.5e3`".to_owned(),
            edit: None,
        });
    }
    Some(Fault {
        code: "E0108",
        place,
        title: format!("found the suffix `{}` on a number, expected {}", quote(suffix), allowed_suffixes(parts.kind)),
        label: "no such suffix",
        hint: suffix_hint(parts.kind, &digits, suffix),
        edit: meant_suffix(parts.kind, suffix),
    })
}

fn is_exponent(suffix: &str) -> bool {
    let Some(digits) = suffix.strip_prefix(['e', 'E']) else { return false };
    let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

fn allowed_suffixes(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Integer => "`b`, `s` or `l`",
        TokenKind::Hex => "`l` or hexadecimal digits",
        _ => "`f` or none",
    }
}

/// What is meant by a suffix that means nothing, if that is certain.
fn meant_suffix(kind: TokenKind, suffix: &str) -> Option<String> {
    let lower = suffix.to_lowercase();
    match (kind, lower.as_str()) {
        (TokenKind::Integer, "b" | "s" | "l") | (TokenKind::Hex, "l") | (TokenKind::Decimal, "f") => Some(lower),
        (TokenKind::Integer, "f") => Some(".0f".to_owned()),
        (TokenKind::Integer, "d") => Some(".0".to_owned()),
        (TokenKind::Decimal, "d") => Some(String::new()),
        _ => None,
    }
}

fn suffix_hint(kind: TokenKind, digits: &str, suffix: &str) -> String {
    let lower = suffix.to_lowercase();
    match (kind, lower.as_str()) {
        (TokenKind::Integer, "b" | "s" | "l") | (TokenKind::Hex, "l") | (TokenKind::Decimal, "f") => {
            format!("suffixes are lower case: `{digits}{lower}`")
        }
        (TokenKind::Integer, "f") => format!("a float has a point: `{digits}.0f`"),
        (TokenKind::Integer, "d") => format!("a decimal has a point and no suffix: `{digits}.0`"),
        (TokenKind::Integer, _) if digits == "0" && lower.starts_with(['b', 'o']) => {
            let radix = if lower.starts_with('b') { 2 } else { 8 };
            let value = digits_value(&lower[1..], radix).filter(|value| *value <= u64::from(u32::MAX)).unwrap_or(0x2A);
            format!("other than decimal there is only hexadecimal: `0x{value:X}`")
        }
        (TokenKind::Integer, _) => {
            "without a suffix it is an int, with `b` a byte, with `s` a short, with `l` a long".to_owned()
        }
        (TokenKind::Decimal, "d") => format!("a decimal has no suffix: `{digits}`"),
        (TokenKind::Decimal, _) => "without a suffix it is a decimal, with `f` a float".to_owned(),
        _ => "up to two digits are a byte, up to eight an int, up to sixteen with `l` a long".to_owned(),
    }
}

fn too_large(parts: &Parts, rest: &str) -> Option<Fault> {
    let digits = &rest[parts.whole.clone()];
    let place = 0..parts.suffix.end;
    match parts.kind {
        TokenKind::Integer if digits_value(digits, 10).is_none() => Some(Fault {
            code: "E0111",
            place,
            title: format!("found a number of {} digits, expected one that fits 64 bits", digit_count(digits)),
            label: "no type holds this",
            hint: format!("the largest long is {}l", i64::MAX),
            edit: None,
        }),
        TokenKind::Hex => {
            let count = digit_count(digits);
            let long = &rest[parts.suffix.clone()] == "l";
            let written = &rest[place.clone()];
            let (limit, hint, edit) = match (count, long) {
                (..=8, _) | (..=16, true) => return None,
                (..=16, false) => {
                    let hint = format!("add `l` to make it a long: `{}l`", quote(written));
                    (8, hint, Some(format!("{written}l")))
                }
                _ => (16, "a long has sixteen digits at most".to_owned(), None),
            };
            Some(Fault {
                code: "E0116",
                place,
                title: format!("found {count} hexadecimal digits, expected at most {limit}"),
                label: "too many digits",
                hint,
                edit,
            })
        }
        _ => None,
    }
}

fn digit_count(digits: &str) -> usize {
    digits.bytes().filter(|&byte| byte != b'_').count()
}

/// The value of digits with `_` among them, if it fits.
fn digits_value(digits: &str, radix: u32) -> Option<u64> {
    let mut values = digits.chars().filter(|&character| character != '_').map(|digit| digit.to_digit(radix));
    values.try_fold(0_u64, |value, digit| value.checked_mul(u64::from(radix))?.checked_add(u64::from(digit?)))
}
