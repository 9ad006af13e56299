//! Cells: how a scalar lies in 64 bits on the expression stack, and its bytes in an arena.
//!
//! Signed integers are sign-extended, bytes zero-extended; a float is its 32 bits zero-extended and a decimal its
//! bits; a bool is 0 or 1; a char is its scalar value. Every function takes any bits: what reads a narrow type
//! looks at the low bits only.

use crate::types::Tag;

/// The cell of a short.
#[inline]
#[must_use]
pub const fn from_short(value: i16) -> u64 {
    (value as i64).cast_unsigned()
}

/// The cell of an int.
#[inline]
#[must_use]
pub const fn from_int(value: i32) -> u64 {
    (value as i64).cast_unsigned()
}

/// The cell of a long.
#[inline]
#[must_use]
pub const fn from_long(value: i64) -> u64 {
    value.cast_unsigned()
}

/// The cell of a float, NaN bits included.
#[inline]
#[must_use]
pub const fn from_float(value: f32) -> u64 {
    value.to_bits() as u64
}

/// The cell of a decimal, NaN bits included.
#[inline]
#[must_use]
pub const fn from_decimal(value: f64) -> u64 {
    value.to_bits()
}

/// The cell of a bool.
#[inline]
#[must_use]
pub const fn from_bool(value: bool) -> u64 {
    value as u64
}

/// The cell of a byte.
#[inline]
#[must_use]
pub const fn from_byte(value: u8) -> u64 {
    value as u64
}

/// The cell of a char.
#[inline]
#[must_use]
pub const fn from_char(value: char) -> u64 {
    value as u64
}

/// The short of a cell.
#[inline]
#[must_use]
pub const fn short(cell: u64) -> i16 {
    cell as i16
}

/// The int of a cell.
#[inline]
#[must_use]
pub const fn int(cell: u64) -> i32 {
    cell as i32
}

/// The long of a cell.
#[inline]
#[must_use]
pub const fn long(cell: u64) -> i64 {
    cell.cast_signed()
}

/// The float of a cell.
#[inline]
#[must_use]
pub const fn float(cell: u64) -> f32 {
    f32::from_bits(cell as u32)
}

/// The decimal of a cell.
#[inline]
#[must_use]
pub const fn decimal(cell: u64) -> f64 {
    f64::from_bits(cell)
}

/// The bool of a cell: true unless all bits are 0.
#[inline]
#[must_use]
pub const fn bool(cell: u64) -> bool {
    cell != 0
}

/// The byte of a cell.
#[inline]
#[must_use]
pub const fn byte(cell: u64) -> u8 {
    cell as u8
}

/// The char of a cell, U+FFFD where its low 32 bits are no scalar value.
#[inline]
#[must_use]
pub fn char(cell: u64) -> char {
    char::from_u32(cell as u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The bytes of a cell's value in an arena, little-endian: the first so many of the eight are the value's
/// ([`Tag::size`] of them), the rest are 0.
#[inline]
#[must_use]
pub fn encode(tag: Tag, cell: u64) -> ([u8; 8], usize) {
    let bits = match tag {
        Tag::Short => u64::from(cell as u16),
        Tag::Int | Tag::Float => u64::from(cell as u32),
        Tag::Long | Tag::Decimal => cell,
        Tag::Bool => from_bool(bool(cell)),
        Tag::Byte => from_byte(byte(cell)),
        Tag::Char => from_char(char(cell)),
    };
    (bits.to_le_bytes(), tag.size() as usize)
}

/// The cell of a value whose bytes stand at the start of `bytes`. Bytes that are missing read as 0, those beyond
/// [`Tag::size`] are not looked at. Any byte but 0 is true; bits that are no scalar value are U+FFFD.
#[inline]
#[must_use]
pub fn decode(tag: Tag, bytes: &[u8]) -> u64 {
    let mut wide = [0; 8];
    for (to, from) in wide.iter_mut().zip(bytes.iter().take(tag.size() as usize)) {
        *to = *from;
    }
    let bits = u64::from_le_bytes(wide);
    match tag {
        Tag::Short => from_short(short(bits)),
        Tag::Int => from_int(int(bits)),
        Tag::Long | Tag::Float | Tag::Decimal | Tag::Byte => bits,
        Tag::Bool => from_bool(bool(bits)),
        Tag::Char => from_char(char(bits)),
    }
}

/// Whether these bits, the bytes of a value little-endian and zeroes above them, are those in which the value is written:
/// `decode` and `encode` give them back.
#[inline]
pub(crate) const fn is_canonical(tag: Tag, bits: u64) -> bool {
    match tag {
        Tag::Bool => bits <= 1,
        Tag::Char => bits <= u32::MAX as u64 && char::from_u32(bits as u32).is_some(),
        Tag::Long | Tag::Decimal => true,
        Tag::Short | Tag::Int | Tag::Float | Tag::Byte => bits >> (8 * tag.size()) == 0,
    }
}

/// A Rust type that carries one scalar type.
pub trait Scalar: Copy {
    /// The type.
    const TAG: Tag;
    /// The value of a cell, whatever its bits are.
    fn from_cell(bits: u64) -> Self;
    /// The cell of a value.
    fn to_cell(self) -> u64;
}

macro_rules! scalars {
    ($($type:ty: $tag:ident, $read:ident, $write:ident;)*) => { $(
        impl Scalar for $type {
            const TAG: Tag = Tag::$tag;
            #[inline]
            fn from_cell(bits: u64) -> Self {
                $read(bits)
            }
            #[inline]
            fn to_cell(self) -> u64 {
                $write(self)
            }
        }
    )* };
}

scalars! {
    i16: Short, short, from_short;
    i32: Int, int, from_int;
    i64: Long, long, from_long;
    f32: Float, float, from_float;
    f64: Decimal, decimal, from_decimal;
    bool: Bool, bool, from_bool;
    u8: Byte, byte, from_byte;
    char: Char, char, from_char;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_extended_as_their_types_say() {
        let cases = [
            (from_short(-1), u64::MAX),
            (from_short(i16::MAX), 0x7FFF),
            (from_int(-2), 0xFFFF_FFFF_FFFF_FFFE),
            (from_int(i32::MIN), 0xFFFF_FFFF_8000_0000),
            (from_long(i64::MIN), 1 << 63),
            (from_float(-0.0), 0x8000_0000),
            (from_decimal(1.0), 0x3FF0_0000_0000_0000),
            (from_bool(true), 1),
            (from_byte(255), 255),
            (from_char('\u{10FFFF}'), 0x10_FFFF),
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
        assert_eq!((short(0x1_8000), int(0x1_8000_0000), long(u64::MAX)), (i16::MIN, i32::MIN, -1));
        assert_eq!((byte(0x1FF), bool(0x100), bool(0)), (255, true, false));
        assert_eq!((char(0x41), char(0xD800), char(0x11_0000)), ('A', '\u{FFFD}', '\u{FFFD}'));
        assert_eq!(float(0x7F80_0001).to_bits(), 0x7F80_0001);
    }

    #[test]
    fn bytes_are_little_endian_and_no_more_than_the_type_has() {
        let cases: [(Tag, u64, &[u8]); 9] = [
            (Tag::Short, from_short(-2), &[0xFE, 0xFF]),
            (Tag::Int, from_int(100), &[100, 0, 0, 0]),
            (Tag::Long, from_long(-1), &[0xFF; 8]),
            (Tag::Float, from_float(1.0), &[0, 0, 0x80, 0x3F]),
            (Tag::Decimal, from_decimal(1.0), &[0, 0, 0, 0, 0, 0, 0xF0, 0x3F]),
            (Tag::Bool, from_bool(true), &[1]),
            (Tag::Byte, from_byte(200), &[200]),
            (Tag::Char, from_char('€'), &[0xAC, 0x20, 0, 0]),
            (Tag::Char, 0xD800, &[0xFD, 0xFF, 0, 0]),
        ];
        for (tag, cell, expected) in cases {
            let (bytes, size) = encode(tag, cell);
            assert_eq!(bytes.get(..size), Some(expected), "{tag}");
        }
    }

    #[test]
    fn any_bytes_read_as_some_value() {
        assert_eq!(decode(Tag::Bool, &[2]), 1);
        assert_eq!(decode(Tag::Bool, &[0, 1]), 0);
        assert_eq!(decode(Tag::Char, &[0, 0xD8, 0, 0]), 0xFFFD);
        assert_eq!(decode(Tag::Char, &[0xFF; 4]), 0xFFFD);
        assert_eq!(decode(Tag::Int, &[0xFF; 9]), u64::MAX);
        assert_eq!(decode(Tag::Float, &[1, 0, 0x80, 0x7F]), 0x7F80_0001);
        assert_eq!(decode(Tag::Long, &[]), 0);
        assert_eq!(decode(Tag::Int, &[1, 2]), 0x0201);
    }

    proptest! {
        #[test]
        fn canonical_bits_are_those_that_are_written(
            tag in prop::sample::select(Tag::ALL.to_vec()),
            bits in prop_oneof![any::<u64>(), 0u64..0x11_0100, Just(0xD800), Just(u64::from(u32::MAX))],
        ) {
            let bytes = bits.to_le_bytes();
            let (value, above) = bytes.split_at(tag.size() as usize);
            let (written, size) = encode(tag, decode(tag, value));
            let same = &written[..size] == value && above.iter().all(|byte| *byte == 0);
            prop_assert_eq!(is_canonical(tag, bits), same);
        }

        #[test]
        fn cells_go_to_bytes_and_back(tag in prop::sample::select(Tag::ALL.to_vec()), bytes: [u8; 8]) {
            let cell = decode(tag, &bytes);
            let (written, size) = encode(tag, cell);
            prop_assert_eq!(decode(tag, &written[..size]), cell);
            prop_assert!(written[size..].iter().all(|byte| *byte == 0));
            if !matches!(tag, Tag::Bool | Tag::Char) {
                prop_assert_eq!(&written[..size], &bytes[..size]);
            }
        }
    }
}
