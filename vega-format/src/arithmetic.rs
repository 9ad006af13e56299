//! What each typed operation computes: plain functions that bear the mnemonics in lower case.
//!
//! Constant folding, every engine's slow path and the reference engine call these, so they cannot disagree. Each
//! function is total: it never panics, and division by zero is a value. An operation that yields NaN yields the
//! canonical one; negation and absolute value touch nothing but the sign bit.

#[cfg(not(any(feature = "std", test)))]
mod exact;
#[cfg(test)]
mod tests;

#[cfg(not(any(feature = "std", test)))]
use exact::Exact;

/// An integer was divided by zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("found a divisor of 0, wanted any other")]
pub struct DivisionByZero;

/// The bits of the only NaN that decimal arithmetic yields.
pub const CANONICAL_DECIMAL_NAN: u64 = 0x7FF8_0000_0000_0000;
/// The bits of the only NaN that float arithmetic yields.
pub const CANONICAL_FLOAT_NAN: u32 = 0x7FC0_0000;

// NaN is told by its bits below, not by `is_nan`: to LLVM one NaN is as good as another, and release 22 turns
// `if root.is_nan() { canonical } else { root }`, with `root` a square root, into `root`.

/// The value itself, or the canonical NaN for any NaN.
#[inline]
#[must_use]
pub fn canonical_decimal(value: f64) -> f64 {
    let magnitude = value.to_bits() & !(1 << 63);
    if magnitude > f64::INFINITY.to_bits() {
        // A jump that is not taken is nothing to wait for, unlike a choice.
        core::hint::cold_path();
        return f64::from_bits(CANONICAL_DECIMAL_NAN);
    }
    value
}

/// The value itself, or the canonical NaN for any NaN.
#[inline]
#[must_use]
pub fn canonical_float(value: f32) -> f32 {
    let magnitude = value.to_bits() & !(1 << 31);
    if magnitude > f32::INFINITY.to_bits() {
        // A jump that is not taken is nothing to wait for, unlike a choice.
        core::hint::cold_path();
        return f32::from_bits(CANONICAL_FLOAT_NAN);
    }
    value
}

/// Writes a family of functions that differ in name and type alone: one line of prose, the parameters and what is
/// computed of them, then the members, `name(type)`. The result has the operands' type, or is a bool (`-> bool`) or an
/// int (`-> int`), or an error where the second operand is 0 (`-> checked`).
macro_rules! family {
    ($prose:literal, |$a:ident| $body:expr; $($name:ident($type:ty)),+ $(,)?) => { $(
        #[doc = $prose]
        #[inline]
        #[must_use]
        pub fn $name($a: $type) -> $type {
            $body
        }
    )+ };
    ($prose:literal, |$a:ident| -> int $body:expr; $($name:ident($type:ty)),+ $(,)?) => { $(
        #[doc = $prose]
        #[inline]
        #[must_use]
        pub fn $name($a: $type) -> i32 {
            $body.cast_signed()
        }
    )+ };
    ($prose:literal, |$a:ident, $b:ident| $body:expr; $($name:ident($type:ty)),+ $(,)?) => { $(
        #[doc = $prose]
        #[inline]
        #[must_use]
        pub fn $name($a: $type, $b: $type) -> $type {
            $body
        }
    )+ };
    ($prose:literal, |$a:ident, $b:ident| -> bool $body:expr; $($name:ident($type:ty)),+ $(,)?) => { $(
        #[doc = $prose]
        #[inline]
        #[must_use]
        pub fn $name($a: $type, $b: $type) -> bool {
            $body
        }
    )+ };
    ($prose:literal, |$a:ident, $b:ident| -> checked $body:expr; $($name:ident($type:ty)),+ $(,)?) => { $(
        #[doc = $prose]
        ///
        /// # Errors
        ///
        /// The divisor is 0.
        #[inline]
        pub fn $name($a: $type, $b: $type) -> Result<$type, DivisionByZero> {
            if $b == 0 { Err(DivisionByZero) } else { Ok($body) }
        }
    )+ };
    ($prose:literal, |$a:ident, $count:ident: i64| $body:expr; $($name:ident($type:ty)),+ $(,)?) => { $(
        #[doc = $prose]
        #[inline]
        #[must_use]
        pub fn $name($a: $type, $count: i64) -> $type {
            $body
        }
    )+ };
}

// Arithmetic on integers: byte, short, int, long.

family! { "The sum, modulo two to the width.", |a, b| a.wrapping_add(b);
    add_byte(u8), add_short(i16), add_int(i32), add_long(i64),
}

family! { "The difference, modulo two to the width.", |a, b| a.wrapping_sub(b);
    sub_byte(u8), sub_short(i16), sub_int(i32), sub_long(i64),
}

family! { "The product, modulo two to the width.", |a, b| a.wrapping_mul(b);
    mul_byte(u8), mul_short(i16), mul_int(i32), mul_long(i64),
}

family! { "The quotient, rounded towards zero; the least value divided by -1 is itself.",
    |a, b| -> checked a.wrapping_div(b);
    div_byte(u8), div_short(i16), div_int(i32), div_long(i64),
}

family! { "The remainder, which has the dividend's sign; the least value by -1 leaves 0.",
    |a, b| -> checked a.wrapping_rem(b);
    rem_byte(u8), rem_short(i16), rem_int(i32), rem_long(i64),
}

family! { "The value with the other sign, modulo two to the width: the least value stays.", |a| a.wrapping_neg();
    neg_short(i16), neg_int(i32), neg_long(i64),
}

family! { "The value without its sign; the least value stays.", |a| a.wrapping_abs();
    abs_short(i16), abs_int(i32), abs_long(i64),
}

family! { "The lesser value.", |a, b| a.min(b);
    min_byte(u8), min_short(i16), min_int(i32), min_long(i64),
}

family! { "The greater value.", |a, b| a.max(b);
    max_byte(u8), max_short(i16), max_int(i32), max_long(i64),
}

// Bits of integers.

family! { "The bits that both have.", |a, b| a & b;
    and_byte(u8), and_short(i16), and_int(i32), and_long(i64),
}

family! { "The bits that either has.", |a, b| a | b;
    or_byte(u8), or_short(i16), or_int(i32), or_long(i64),
}

family! { "The bits that just one has.", |a, b| a ^ b;
    xor_byte(u8), xor_short(i16), xor_int(i32), xor_long(i64),
}

family! { "Every bit turned over.", |a| !a;
    not_bool(bool), not_byte(u8), not_short(i16), not_int(i32), not_long(i64),
}

/// The lowest bits of a shift's count. The wrapping shifts that take it look at five or six of them at most, or
/// three or four, as the width asks.
#[inline]
const fn low_bits(count: i64) -> u32 {
    (count & 63) as u32
}

family! { "Bits moved up by `count` modulo the width; zeroes come in.", |a, count: i64| a.wrapping_shl(low_bits(count));
    shl_byte(u8), shl_short(i16), shl_int(i32), shl_long(i64),
}

family! { "Bits moved down by `count` modulo the width; copies of the sign come in, in a byte zeroes.",
    |a, count: i64| a.wrapping_shr(low_bits(count));
    shr_byte(u8), shr_short(i16), shr_int(i32), shr_long(i64),
}

family! { "Bits moved down by `count` modulo the width; zeroes come in.",
    |a, count: i64| a.cast_unsigned().wrapping_shr(low_bits(count)).cast_signed();
    ushr_short(i16), ushr_int(i32), ushr_long(i64),
}

family! { "Bits moved up by `count` modulo the width; those that go out at the top come in at the bottom.",
    |a, count: i64| a.rotate_left(low_bits(count));
    rotl_byte(u8), rotl_short(i16), rotl_int(i32), rotl_long(i64),
}

family! { "Bits moved down by `count` modulo the width; those that go out at the bottom come in at the top.",
    |a, count: i64| a.rotate_right(low_bits(count));
    rotr_byte(u8), rotr_short(i16), rotr_int(i32), rotr_long(i64),
}

family! { "The zeroes above the highest one, all if there is none.", |a| -> int a.leading_zeros();
    clz_int(i32), clz_long(i64),
}

family! { "The zeroes below the lowest one, all if there is none.", |a| -> int a.trailing_zeros();
    ctz_int(i32), ctz_long(i64),
}

family! { "How many ones there are.", |a| -> int a.count_ones();
    ones_int(i32), ones_long(i64),
}

// The same bits as numbers without a sign.

family! { "The quotient of both without a sign.",
    |a, b| -> checked a.cast_unsigned().wrapping_div(b.cast_unsigned()).cast_signed();
    udiv_int(i32), udiv_long(i64),
}

family! { "The remainder of that division.",
    |a, b| -> checked a.cast_unsigned().wrapping_rem(b.cast_unsigned()).cast_signed();
    urem_int(i32), urem_long(i64),
}

family! { "Whether the first is less, both without a sign.", |a, b| -> bool a.cast_unsigned() < b.cast_unsigned();
    ult_int(i32), ult_long(i64),
}

// Arithmetic on float and decimal. Results are rounded to nearest, ties to even.

family! { "The sum; a NaN is canonical.", |a, b| canonical_float(a + b); add_float(f32) }
family! { "The sum; a NaN is canonical.", |a, b| canonical_decimal(a + b); add_decimal(f64) }

family! { "The difference; a NaN is canonical.", |a, b| canonical_float(a - b); sub_float(f32) }
family! { "The difference; a NaN is canonical.", |a, b| canonical_decimal(a - b); sub_decimal(f64) }

family! { "The product; a NaN is canonical.", |a, b| canonical_float(a * b); mul_float(f32) }
family! { "The product; a NaN is canonical.", |a, b| canonical_decimal(a * b); mul_decimal(f64) }

family! { "The quotient, by zero an infinity or the canonical NaN.", |a, b| canonical_float(a / b); div_float(f32) }
family! { "The quotient, by zero an infinity or the canonical NaN.", |a, b| canonical_decimal(a / b); div_decimal(f64) }

family! { "The square root; a NaN, as of anything below zero, is canonical.", |a| canonical_float(a.sqrt());
    sqrt_float(f32)
}
family! { "The square root; a NaN, as of anything below zero, is canonical.", |a| canonical_decimal(a.sqrt());
    sqrt_decimal(f64)
}

family! { "The greatest whole number that is not above; a NaN is canonical.", |a| canonical_float(a.floor());
    floor_float(f32)
}
family! { "The greatest whole number that is not above; a NaN is canonical.", |a| canonical_decimal(a.floor());
    floor_decimal(f64)
}

family! { "The least whole number that is not below; a NaN is canonical.", |a| canonical_float(a.ceil());
    ceil_float(f32)
}
family! { "The least whole number that is not below; a NaN is canonical.", |a| canonical_decimal(a.ceil());
    ceil_decimal(f64)
}

family! { "The value without its fraction; a NaN is canonical.", |a| canonical_float(a.trunc()); trunc_float(f32) }
family! { "The value without its fraction; a NaN is canonical.", |a| canonical_decimal(a.trunc()); trunc_decimal(f64) }

family! { "The nearest whole number, halves away from zero; a NaN is canonical.", |a| canonical_float(a.round());
    round_float(f32)
}
family! { "The nearest whole number, halves away from zero; a NaN is canonical.", |a| canonical_decimal(a.round());
    round_decimal(f64)
}

family! { "The sign bit turned over, in a NaN too; all other bits stay.", |a| f32::from_bits(a.to_bits() ^ (1 << 31));
    neg_float(f32)
}
family! { "The sign bit turned over, in a NaN too; all other bits stay.", |a| f64::from_bits(a.to_bits() ^ (1 << 63));
    neg_decimal(f64)
}

family! { "The sign bit cleared, in a NaN too; all other bits stay.", |a| f32::from_bits(a.to_bits() & !(1 << 31));
    abs_float(f32)
}
family! { "The sign bit cleared, in a NaN too; all other bits stay.", |a| f64::from_bits(a.to_bits() & !(1 << 63));
    abs_decimal(f64)
}

family! { "The lesser value, -0 being less than 0; the canonical NaN if either is NaN.",
    |a, b| match a.partial_cmp(&b) {
        None => f32::from_bits(CANONICAL_FLOAT_NAN),
        Some(core::cmp::Ordering::Equal) => f32::from_bits(a.to_bits() | b.to_bits()),
        Some(order) => if order.is_lt() { a } else { b },
    };
    min_float(f32)
}
family! { "The lesser value, -0 being less than 0; the canonical NaN if either is NaN.",
    |a, b| match a.partial_cmp(&b) {
        None => f64::from_bits(CANONICAL_DECIMAL_NAN),
        Some(core::cmp::Ordering::Equal) => f64::from_bits(a.to_bits() | b.to_bits()),
        Some(order) => if order.is_lt() { a } else { b },
    };
    min_decimal(f64)
}
family! { "The greater value, 0 being greater than -0; the canonical NaN if either is NaN.",
    |a, b| match a.partial_cmp(&b) {
        None => f32::from_bits(CANONICAL_FLOAT_NAN),
        Some(core::cmp::Ordering::Equal) => f32::from_bits(a.to_bits() & b.to_bits()),
        Some(order) => if order.is_gt() { a } else { b },
    };
    max_float(f32)
}
family! { "The greater value, 0 being greater than -0; the canonical NaN if either is NaN.",
    |a, b| match a.partial_cmp(&b) {
        None => f64::from_bits(CANONICAL_DECIMAL_NAN),
        Some(core::cmp::Ordering::Equal) => f64::from_bits(a.to_bits() & b.to_bits()),
        Some(order) => if order.is_gt() { a } else { b },
    };
    max_decimal(f64)
}

// Comparisons. With a NaN on either side all are false but `ne`; -0 equals 0; chars compare as their scalar values.

family! { "Whether both are equal; never with a NaN.", |a, b| -> bool a == b;
    eq_byte(u8), eq_short(i16), eq_int(i32), eq_long(i64), eq_float(f32), eq_decimal(f64), eq_char(char), eq_bool(bool),
}

family! { "Whether they differ; always with a NaN.", |a, b| -> bool a != b;
    ne_byte(u8), ne_short(i16), ne_int(i32), ne_long(i64), ne_float(f32), ne_decimal(f64), ne_char(char), ne_bool(bool),
}

family! { "Whether the first is less; never with a NaN.", |a, b| -> bool a < b;
    lt_byte(u8), lt_short(i16), lt_int(i32), lt_long(i64), lt_float(f32), lt_decimal(f64), lt_char(char),
}

family! { "Whether the first is less or equal; never with a NaN.", |a, b| -> bool a <= b;
    le_byte(u8), le_short(i16), le_int(i32), le_long(i64), le_float(f32), le_decimal(f64), le_char(char),
}

family! { "Whether the first is greater; never with a NaN.", |a, b| -> bool a > b;
    gt_byte(u8), gt_short(i16), gt_int(i32), gt_long(i64), gt_float(f32), gt_decimal(f64), gt_char(char),
}

family! { "Whether the first is greater or equal; never with a NaN.", |a, b| -> bool a >= b;
    ge_byte(u8), ge_short(i16), ge_int(i32), ge_long(i64), ge_float(f32), ge_decimal(f64), ge_char(char),
}

/// Writes conversions that `as` performs: between integers it keeps the low bits or extends by the source's sign,
/// from an integer it rounds to nearest with ties to even, to an integer it drops the fraction, saturates, and makes
/// a NaN 0.
macro_rules! conversions {
    ($prose:literal; $($name:ident($from:ty) -> $to:ty),+ $(,)?) => { $(
        #[doc = $prose]
        #[inline]
        #[must_use]
        pub fn $name(value: $from) -> $to {
            value as $to
        }
    )+ };
}

conversions! { "The same value, in a wider integer.";
    byte_to_short(u8) -> i16, byte_to_int(u8) -> i32, byte_to_long(u8) -> i64,
    short_to_int(i16) -> i32, short_to_long(i16) -> i64,
    int_to_long(i32) -> i64,
}

conversions! { "The lowest bits, as the narrower integer reads them.";
    short_to_byte(i16) -> u8, int_to_byte(i32) -> u8, long_to_byte(i64) -> u8,
    int_to_short(i32) -> i16, long_to_short(i64) -> i16,
    long_to_int(i64) -> i32,
}

conversions! { "The nearest value that the result's type has, ties to even.";
    byte_to_float(u8) -> f32, short_to_float(i16) -> f32, int_to_float(i32) -> f32, long_to_float(i64) -> f32,
    byte_to_decimal(u8) -> f64, short_to_decimal(i16) -> f64, int_to_decimal(i32) -> f64, long_to_decimal(i64) -> f64,
}

conversions! { "The value without its fraction, or the nearest that the result's type has; a NaN gives 0.";
    float_to_byte(f32) -> u8, float_to_short(f32) -> i16, float_to_int(f32) -> i32, float_to_long(f32) -> i64,
    decimal_to_byte(f64) -> u8, decimal_to_short(f64) -> i16, decimal_to_int(f64) -> i32, decimal_to_long(f64) -> i64,
}

/// The same value; a NaN is canonical.
#[inline]
#[must_use]
pub fn float_to_decimal(value: f32) -> f64 {
    canonical_decimal(f64::from(value))
}

/// The nearest float, ties to even, which may be an infinity; a NaN is canonical.
#[inline]
#[must_use]
pub fn decimal_to_float(value: f64) -> f32 {
    canonical_float(value as f32)
}

/// The char of this scalar value, or U+FFFD if it is none.
#[inline]
#[must_use]
pub fn int_to_char(value: i32) -> char {
    u32::try_from(value).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The char's scalar value.
#[inline]
#[must_use]
pub fn char_to_int(value: char) -> i32 {
    u32::from(value).cast_signed()
}
