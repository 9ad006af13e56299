//! Floats in hexadecimal, `0x1.8p3`: a value with all its bits, where decimal digits would have to be rounded.
//!
//! Nothing is rounded here either: digits that the type has no room for are refused.

use vega_format::types::Tag;

/// Why a word is no such float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadHexFloat {
    /// It is not written as one.
    Malformed,
    /// It is too large or too small for the type.
    OutOfRange,
    /// It has more significant bits than the type.
    TooPrecise,
}

/// The numbers of a binary floating-point format.
struct Shape {
    /// Significant bits, the leading one counted.
    precision: u32,
    /// The exponent of the greatest values, and, negated and one less, of the smallest normal ones.
    most: i64,
}

/// Whether a word is meant as one: only these have an exponent behind `p`.
pub fn is_hex_float(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    digits.starts_with("0x") && digits.contains(['p', 'P'])
}

/// The bits of a float or decimal: sign, `0x`, hex digits with a point if wanted, `p`, and a decimal exponent of two.
///
/// # Errors
/// It is none, or none of this type.
pub fn parse(tag: Tag, word: &str) -> Result<u64, BadHexFloat> {
    let shape = match tag {
        Tag::Float => Shape { precision: 24, most: 127 },
        _ => Shape { precision: 53, most: 1023 },
    };
    let (word, negative) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
    let digits = word.strip_prefix("0x").ok_or(BadHexFloat::Malformed)?;
    let (digits, exponent) = digits.split_once(['p', 'P']).ok_or(BadHexFloat::Malformed)?;
    let (mantissa, scale) = mantissa(digits)?;
    let power = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if power.is_empty() || !power.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(BadHexFloat::Malformed);
    }
    let exponent: i64 = exponent.parse().map_err(|_| BadHexFloat::OutOfRange)?;
    let sign = if negative { 1 << (shape.precision + shape.most.ilog2() + 1) } else { 0 };
    Ok(sign | magnitude(&shape, mantissa, exponent.saturating_add(scale))?)
}

/// The digits as an odd number times a power of two; zero as it is.
fn mantissa(digits: &str) -> Result<(u64, i64), BadHexFloat> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = || whole.bytes().chain(fraction.bytes());
    if all().next().is_none() || !all().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(BadHexFloat::Malformed);
    }
    let mut mantissa = 0u64;
    // Zeroes count only once another digit follows them.
    let mut zeroes = 0u32;
    let mut scale = -4 * fraction.len() as i64;
    for digit in all() {
        let digit = char::from(digit).to_digit(16).unwrap_or(0);
        if digit == 0 {
            zeroes = zeroes.saturating_add(1);
            continue;
        }
        if mantissa != 0 {
            let shift = zeroes.saturating_add(1).saturating_mul(4);
            mantissa = match shift <= mantissa.leading_zeros() {
                true => mantissa << shift,
                false => return Err(BadHexFloat::TooPrecise),
            };
        }
        mantissa |= u64::from(digit);
        zeroes = 0;
    }
    scale = scale.saturating_add(4 * i64::from(zeroes));
    let twos = if mantissa == 0 { 0 } else { mantissa.trailing_zeros() };
    Ok((mantissa >> twos, scale.saturating_add(twos.into())))
}

/// The bits of `mantissa × 2^exponent`, of which the mantissa is odd or zero.
fn magnitude(shape: &Shape, mantissa: u64, exponent: i64) -> Result<u64, BadHexFloat> {
    if mantissa == 0 {
        return Ok(0);
    }
    let width = u64::BITS - mantissa.leading_zeros();
    let leading = exponent.saturating_add(i64::from(width) - 1);
    let smallest = 1 - shape.most;
    let last = smallest - i64::from(shape.precision) + 1;
    if leading > shape.most || leading < last {
        return Err(BadHexFloat::OutOfRange);
    }
    if width > shape.precision || exponent < last {
        return Err(BadHexFloat::TooPrecise);
    }
    if leading < smallest {
        return Ok(mantissa << (exponent - last));
    }
    let fraction = (mantissa << (shape.precision - width)) & ((1 << (shape.precision - 1)) - 1);
    Ok(((leading + shape.most).cast_unsigned() << (shape.precision - 1)) | fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn floats_are_read() {
        let decimal = |value: f64| Ok(value.to_bits());
        let float = |value: f32| Ok(value.to_bits().into());
        let cases = [
            (Tag::Decimal, "0x1.8p3", decimal(12.0)),
            (Tag::Decimal, "-0x0p0", decimal(-0.0)),
            (Tag::Decimal, "0x1.921fb54442d18p+1", decimal(std::f64::consts::PI)),
            (Tag::Decimal, "0x1p-1074", decimal(5e-324)),
            (Tag::Decimal, "0x.0000001p-1046", decimal(5e-324)),
            (Tag::Decimal, "0x1.fffffffffffffp1023", decimal(f64::MAX)),
            (Tag::Decimal, "0x100000000000000000000000p-92", decimal(1.0)),
            (Tag::Float, "-0x1.fffffep127", float(f32::MIN)),
            (Tag::Float, "0x1p-149", float(1e-45)),
            (Tag::Float, "0x1.000001p0", Err(BadHexFloat::TooPrecise)),
            (Tag::Float, "0x1.8p-149", Err(BadHexFloat::TooPrecise)),
            (Tag::Float, "0x1p128", Err(BadHexFloat::OutOfRange)),
            (Tag::Float, "0x1p-150", Err(BadHexFloat::OutOfRange)),
            (Tag::Decimal, "0x1p99999999999999999999", Err(BadHexFloat::OutOfRange)),
            (Tag::Decimal, "0x1.00000000000000000000001p0", Err(BadHexFloat::TooPrecise)),
            (Tag::Decimal, "0xp1", Err(BadHexFloat::Malformed)),
            (Tag::Decimal, "0x.p1", Err(BadHexFloat::Malformed)),
            (Tag::Decimal, "0x1p", Err(BadHexFloat::Malformed)),
            (Tag::Decimal, "0x1p--1", Err(BadHexFloat::Malformed)),
            (Tag::Decimal, "0x1p+-1", Err(BadHexFloat::Malformed)),
            (Tag::Decimal, "0x1.2.3p1", Err(BadHexFloat::Malformed)),
        ];
        for (tag, word, expected) in cases {
            assert_eq!(parse(tag, word), expected, "{word}");
        }
    }

    proptest! {
        #[test]
        fn every_decimal_has_a_spelling(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let (sign, fraction) = (if value.is_sign_negative() { "-" } else { "" }, bits & ((1 << 52) - 1));
            let word = match (bits >> 52) & 0x7ff {
                0 => format!("{sign}0x0.{fraction:013x}p-1022"),
                exponent => format!("{sign}0x1.{fraction:013x}p{}", exponent as i64 - 1023),
            };
            prop_assert_eq!(parse(Tag::Decimal, &word), Ok(bits), "{}", word);
        }
    }
}
