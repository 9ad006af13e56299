//! The edges of every family, by table; and the families against wider arithmetic, by property.

use std::hint::black_box;

use proptest::prelude::*;

use super::*;

/// A NaN that no operation yields: signalling, negative, with a payload.
const ODD_DECIMAL: u64 = 0xFFF0_0000_0000_0001;
const ODD_FLOAT: u32 = 0xFF80_0001;

fn odd_decimal() -> f64 {
    f64::from_bits(black_box(ODD_DECIMAL))
}

fn odd_float() -> f32 {
    f32::from_bits(black_box(ODD_FLOAT))
}

#[test]
fn integers_wrap() {
    assert_eq!((add_byte(255, 1), sub_byte(0, 1), mul_byte(16, 17)), (0, 255, 16));
    assert_eq!((add_short(i16::MAX, 1), sub_short(i16::MIN, 1), mul_short(256, 128)), (i16::MIN, i16::MAX, i16::MIN));
    assert_eq!((add_int(i32::MAX, 1), sub_int(i32::MIN, 1), mul_int(65_536, 65_536)), (i32::MIN, i32::MAX, 0));
    assert_eq!((add_long(i64::MAX, 1), sub_long(i64::MIN, 1), mul_long(i64::MIN, -1)), (i64::MIN, i64::MAX, i64::MIN));
    assert_eq!((neg_short(i16::MIN), neg_int(i32::MIN), neg_long(i64::MIN)), (i16::MIN, i32::MIN, i64::MIN));
    assert_eq!((abs_short(i16::MIN), abs_int(i32::MIN), abs_long(i64::MIN)), (i16::MIN, i32::MIN, i64::MIN));
    assert_eq!((neg_short(7), neg_int(-7), neg_long(0)), (-7, 7, 0));
    assert_eq!((abs_short(-7), abs_int(7), abs_long(-1)), (7, 7, 1));
}

#[test]
fn division_traps_by_zero_and_wraps_at_the_least_value() {
    assert_eq!((div_byte(7, 2), rem_byte(7, 2)), (Ok(3), Ok(1)));
    assert_eq!((div_int(-7, 2), rem_int(-7, 2)), (Ok(-3), Ok(-1)));
    assert_eq!((div_int(7, -2), rem_int(7, -2)), (Ok(-3), Ok(1)));
    assert_eq!((div_short(i16::MIN, -1), rem_short(i16::MIN, -1)), (Ok(i16::MIN), Ok(0)));
    assert_eq!((div_int(i32::MIN, -1), rem_int(i32::MIN, -1)), (Ok(i32::MIN), Ok(0)));
    assert_eq!((div_long(i64::MIN, -1), rem_long(i64::MIN, -1)), (Ok(i64::MIN), Ok(0)));
    assert_eq!((div_byte(1, 0), rem_byte(0, 0)), (Err(DivisionByZero), Err(DivisionByZero)));
    assert_eq!((div_short(1, 0), rem_short(0, 0)), (Err(DivisionByZero), Err(DivisionByZero)));
    assert_eq!((div_int(i32::MIN, 0), rem_int(1, 0)), (Err(DivisionByZero), Err(DivisionByZero)));
    assert_eq!((div_long(i64::MIN, 0), rem_long(1, 0)), (Err(DivisionByZero), Err(DivisionByZero)));
}

#[test]
fn bits_are_bits() {
    assert_eq!(
        (and_byte(0xF0, 0x3C), or_byte(0xF0, 0x3C), xor_byte(0xF0, 0x3C), not_byte(0xF0)),
        (0x30, 0xFC, 0xCC, 0x0F)
    );
    assert_eq!((and_short(-1, 5), or_short(-8, 3), xor_short(-1, 1), not_short(0)), (5, -5, -2, -1));
    assert_eq!((and_int(-1, 5), or_int(-8, 3), xor_int(-1, 1), not_int(i32::MIN)), (5, -5, -2, i32::MAX));
    assert_eq!((and_long(-1, 5), or_long(-8, 3), xor_long(-1, 1), not_long(i64::MAX)), (5, -5, -2, i64::MIN));
}

#[test]
fn shifts_mask_their_count_by_the_width_on_the_left() {
    assert_eq!([0, 1, 7, 8, 9, -1, 64, i64::MIN].map(|count| shl_byte(1, count)), [1, 2, 128, 1, 2, 128, 1, 1]);
    assert_eq!([0, 1, 7, 8, -1].map(|count| shr_byte(0x80, count)), [0x80, 0x40, 1, 0x80, 1]);
    assert_eq!([15, 16, 17, -1].map(|count| shl_short(1, count)), [i16::MIN, 1, 2, i16::MIN]);
    assert_eq!([1, 15, 16, -1].map(|count| shr_short(i16::MIN, count)), [-0x4000, -1, i16::MIN, -1]);
    assert_eq!([0, 1, 15, 16].map(|count| ushr_short(i16::MIN, count)), [i16::MIN, 0x4000, 1, i16::MIN]);
    assert_eq!([31, 32, 33, -1, 1 << 32].map(|count| shl_int(1, count)), [i32::MIN, 1, 2, i32::MIN, 1]);
    assert_eq!([1, 31, 32, i64::MAX].map(|count| shr_int(i32::MIN, count)), [-0x4000_0000, -1, i32::MIN, -1]);
    assert_eq!([0, 1, 31, 32].map(|count| ushr_int(-1, count)), [-1, i32::MAX, 1, -1]);
    assert_eq!([63, 64, 65, -1].map(|count| shl_long(1, count)), [i64::MIN, 1, 2, i64::MIN]);
    assert_eq!([1, 63, 64].map(|count| shr_long(i64::MIN, count)), [-(1 << 62), -1, i64::MIN]);
    assert_eq!([0, 1, 63, 64].map(|count| ushr_long(-1, count)), [-1, i64::MAX, 1, -1]);
}

#[test]
fn rotations_mask_their_count_and_lose_nothing() {
    assert_eq!([0, 1, 8, 9, -1].map(|count| rotl_byte(0x81, count)), [0x81, 0x03, 0x81, 0x03, 0xC0]);
    assert_eq!([1, -1, 16].map(|count| rotr_short(1, count)), [i16::MIN, 2, 1]);
    assert_eq!((rotl_int(i32::MIN, 1), rotr_int(1, 33), rotl_long(3, -1)), (1, i32::MIN, i64::MIN | 1));
    assert_eq!((rotr_byte(1, 4), rotl_short(-2, 1), rotr_long(2, 65)), (16, -3, 1));
}

#[test]
fn bits_are_counted() {
    assert_eq!((clz_int(0), clz_int(1), clz_int(-1), clz_long(0), clz_long(1 << 40)), (32, 31, 0, 64, 23));
    assert_eq!((ctz_int(0), ctz_int(8), ctz_int(-1), ctz_long(0), ctz_long(i64::MIN)), (32, 3, 0, 64, 63));
    assert_eq!((ones_int(0), ones_int(-1), ones_long(-1), ones_long(5)), (0, 32, 64, 2));
}

#[test]
fn without_a_sign_minus_one_is_the_greatest() {
    assert_eq!((udiv_int(-1, 2), urem_int(-1, 10), udiv_int(5, -1)), (Ok(i32::MAX), Ok(5), Ok(0)));
    assert_eq!((udiv_long(-1, i64::MIN), urem_long(i64::MIN, -1)), (Ok(1), Ok(i64::MIN)));
    assert_eq!((udiv_int(1, 0), urem_long(1, 0)), (Err(DivisionByZero), Err(DivisionByZero)));
    assert_eq!((ult_int(1, -1), ult_int(-1, 1), ult_long(-2, -1), ult_long(0, 0)), (true, false, true, false));
}

#[test]
fn fractions_go_down_up_away_and_to_the_nearest() {
    let decimals = |value| (floor_decimal(value), ceil_decimal(value), trunc_decimal(value), round_decimal(value));
    assert_eq!(decimals(2.5), (2.0, 3.0, 2.0, 3.0));
    assert_eq!(decimals(-2.5), (-3.0, -2.0, -2.0, -3.0));
    assert_eq!(decimals(0.499_999_999_999_999_94), (0.0, 1.0, 0.0, 0.0));
    assert_eq!(decimals(1e300), (1e300, 1e300, 1e300, 1e300));
    assert!(ceil_decimal(-0.5).is_sign_negative() && round_float(-0.25).is_sign_negative());
    assert_eq!((floor_float(-0.5), ceil_float(1.25), trunc_float(-1.75), round_float(-1.5)), (-1.0, 2.0, -1.0, -2.0));
    for nan in [
        floor_decimal(odd_decimal()),
        ceil_decimal(odd_decimal()),
        trunc_decimal(odd_decimal()),
        round_decimal(odd_decimal()),
    ] {
        assert_eq!(nan.to_bits(), CANONICAL_DECIMAL_NAN);
    }
    for nan in [floor_float(odd_float()), ceil_float(odd_float()), trunc_float(odd_float()), round_float(odd_float())] {
        assert_eq!(nan.to_bits(), CANONICAL_FLOAT_NAN);
    }
}

#[test]
fn what_yields_nan_yields_the_canonical_one() {
    // Hidden from the optimiser, which would compute at compile time what is to be tested.
    let (inf, zero, minus_one) = (black_box(f64::INFINITY), black_box(0.0), black_box(-1.0));
    let decimals = [
        add_decimal(inf, -inf),
        sub_decimal(inf, inf),
        mul_decimal(zero, inf),
        div_decimal(zero, zero),
        div_decimal(inf, -inf),
        sqrt_decimal(minus_one),
        sqrt_decimal(odd_decimal()),
        add_decimal(odd_decimal(), 1.0),
        add_decimal(1.0, odd_decimal()),
        mul_decimal(odd_decimal(), odd_decimal()),
        min_decimal(odd_decimal(), 1.0),
        max_decimal(1.0, odd_decimal()),
        float_to_decimal(odd_float()),
        canonical_decimal(odd_decimal()),
    ];
    assert_eq!(decimals.map(f64::to_bits), [CANONICAL_DECIMAL_NAN; 14]);
    let (inf, zero, minus_one) = (black_box(f32::INFINITY), black_box(0.0), black_box(-1.0));
    let floats = [
        add_float(inf, -inf),
        sub_float(inf, inf),
        mul_float(zero, inf),
        div_float(zero, zero),
        div_float(inf, -inf),
        sqrt_float(minus_one),
        sqrt_float(odd_float()),
        add_float(odd_float(), 1.0),
        add_float(1.0, odd_float()),
        mul_float(odd_float(), odd_float()),
        min_float(odd_float(), 1.0),
        max_float(1.0, odd_float()),
        decimal_to_float(odd_decimal()),
        canonical_float(odd_float()),
    ];
    assert_eq!(floats.map(f32::to_bits), [CANONICAL_FLOAT_NAN; 14]);
}

#[test]
fn signs_of_floats_are_one_bit() {
    assert_eq!(neg_decimal(odd_decimal()).to_bits(), ODD_DECIMAL ^ (1 << 63));
    assert_eq!(abs_decimal(odd_decimal()).to_bits(), ODD_DECIMAL ^ (1 << 63));
    assert_eq!(neg_float(odd_float()).to_bits(), ODD_FLOAT ^ (1 << 31));
    assert_eq!(abs_float(odd_float()).to_bits(), ODD_FLOAT ^ (1 << 31));
    assert_eq!(
        [neg_decimal(0.0), abs_decimal(-0.0), neg_decimal(-2.5)].map(f64::to_bits),
        [-0.0, 0.0, 2.5].map(f64::to_bits)
    );
    assert_eq!(
        [neg_float(0.0), abs_float(-0.0), neg_float(-2.5)].map(f32::to_bits),
        [-0.0, 0.0, 2.5].map(f32::to_bits)
    );
}

#[test]
fn floats_follow_the_standard() {
    assert_eq!(
        (add_decimal(0.1, 0.2), sub_decimal(1.0, 0.5), mul_decimal(1e300, 1e300)),
        (0.300_000_000_000_000_04, 0.5, f64::INFINITY)
    );
    assert_eq!(
        (div_decimal(1.0, 0.0), div_decimal(-1.0, 0.0), sqrt_decimal(2.25)),
        (f64::INFINITY, f64::NEG_INFINITY, 1.5)
    );
    assert_eq!(
        (add_float(0.1, 0.2), sub_float(1.0, 0.5), mul_float(1e30, 1e30)),
        (f32::from_bits(0x3E99_999A), 0.5, f32::INFINITY)
    );
    assert_eq!((div_float(1.0, 0.0), div_float(-1.0, 0.0), sqrt_float(2.25)), (f32::INFINITY, f32::NEG_INFINITY, 1.5));
    assert_eq!(sqrt_decimal(-0.0).to_bits(), (-0.0f64).to_bits());
}

#[test]
fn the_lesser_and_the_greater() {
    assert_eq!((min_byte(1, 255), max_byte(1, 255)), (1, 255));
    assert_eq!((min_short(-1, 1), max_short(-1, 1)), (-1, 1));
    assert_eq!((min_int(i32::MIN, 0), max_int(i32::MIN, 0)), (i32::MIN, 0));
    assert_eq!((min_long(i64::MIN, 0), max_long(i64::MIN, 0)), (i64::MIN, 0));
    for (lesser, greater) in [(-0.0f64, 0.0), (-1.0, 1.0), (f64::NEG_INFINITY, 5.0), (5.0, f64::INFINITY), (2.0, 2.0)] {
        let (narrow_lesser, narrow_greater) = (lesser as f32, greater as f32);
        for (a, b) in [(lesser, greater), (greater, lesser)] {
            assert_eq!(min_decimal(a, b).to_bits(), lesser.to_bits());
            assert_eq!(max_decimal(a, b).to_bits(), greater.to_bits());
        }
        for (a, b) in [(narrow_lesser, narrow_greater), (narrow_greater, narrow_lesser)] {
            assert_eq!(min_float(a, b).to_bits(), narrow_lesser.to_bits());
            assert_eq!(max_float(a, b).to_bits(), narrow_greater.to_bits());
        }
    }
}

/// The six comparisons in the order eq ne lt le gt ge.
macro_rules! six {
    ($a:expr, $b:expr; $eq:ident $ne:ident $lt:ident $le:ident $gt:ident $ge:ident) => {
        [$eq($a, $b), $ne($a, $b), $lt($a, $b), $le($a, $b), $gt($a, $b), $ge($a, $b)]
    };
}

#[test]
fn comparisons_order() {
    const LESS: [bool; 6] = [false, true, true, true, false, false];
    const EQUAL: [bool; 6] = [true, false, false, true, false, true];
    const UNORDERED: [bool; 6] = [false, true, false, false, false, false];
    assert_eq!(six!(127, 128; eq_byte ne_byte lt_byte le_byte gt_byte ge_byte), LESS);
    assert_eq!(six!(-1, 1; eq_short ne_short lt_short le_short gt_short ge_short), LESS);
    assert_eq!(six!(i32::MIN, 0; eq_int ne_int lt_int le_int gt_int ge_int), LESS);
    assert_eq!(six!(i64::MIN, -1; eq_long ne_long lt_long le_long gt_long ge_long), LESS);
    assert_eq!(six!(5, 5; eq_long ne_long lt_long le_long gt_long ge_long), EQUAL);
    assert_eq!(six!('Z', 'a'; eq_char ne_char lt_char le_char gt_char ge_char), LESS);
    assert_eq!(six!('\u{FFFD}', '\u{10000}'; eq_char ne_char lt_char le_char gt_char ge_char), LESS);
    assert_eq!(six!(-0.0, 0.0; eq_float ne_float lt_float le_float gt_float ge_float), EQUAL);
    assert_eq!(six!(-0.0, 0.0; eq_decimal ne_decimal lt_decimal le_decimal gt_decimal ge_decimal), EQUAL);
    assert_eq!(six!(1.0, f32::INFINITY; eq_float ne_float lt_float le_float gt_float ge_float), LESS);
    assert_eq!(six!(f32::NAN, f32::NAN; eq_float ne_float lt_float le_float gt_float ge_float), UNORDERED);
    assert_eq!(six!(1.0, f64::NAN; eq_decimal ne_decimal lt_decimal le_decimal gt_decimal ge_decimal), UNORDERED);
    assert_eq!(
        (eq_bool(true, true), eq_bool(true, false), ne_bool(true, false), ne_bool(false, false)),
        (true, false, true, false)
    );
}

#[test]
fn integers_convert_by_their_low_bits() {
    assert_eq!((byte_to_short(255), byte_to_int(255), byte_to_long(255)), (255, 255, 255));
    assert_eq!((short_to_int(-2), short_to_long(i16::MIN), int_to_long(i32::MIN)), (-2, -32_768, -2_147_483_648));
    assert_eq!((short_to_byte(-1), int_to_byte(0x1FF), long_to_byte(-256)), (255, 255, 0));
    assert_eq!((int_to_short(0x1_8000), long_to_short(-0x8001), long_to_int(1 << 31)), (i16::MIN, 0x7FFF, i32::MIN));
}

#[test]
fn integers_round_to_the_nearest_even() {
    assert_eq!(
        (byte_to_float(255), short_to_float(i16::MIN), byte_to_decimal(255), short_to_decimal(-1)),
        (255.0, -32_768.0, 255.0, -1.0)
    );
    assert_eq!(([16_777_217, 16_777_219].map(int_to_float)), [16_777_216.0, 16_777_220.0]);
    assert_eq!(int_to_float(i32::MAX), 2_147_483_648.0);
    assert_eq!(int_to_decimal(i32::MIN), -2_147_483_648.0);
    assert_eq!(
        (long_to_float(i64::MAX), long_to_decimal(i64::MAX)),
        (9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0)
    );
    assert_eq!(
        [9_007_199_254_740_993, 9_007_199_254_740_995].map(long_to_decimal),
        [9_007_199_254_740_992.0, 9_007_199_254_740_996.0]
    );
}

/// Row S40 of the bad inputs.
#[test]
fn floats_saturate_and_nan_is_nothing() {
    let cases = [
        (f64::NAN, 0, 0, 0, 0),
        (odd_decimal(), 0, 0, 0, 0),
        (f64::INFINITY, u8::MAX, i16::MAX, i32::MAX, i64::MAX),
        (f64::NEG_INFINITY, 0, i16::MIN, i32::MIN, i64::MIN),
        (1e300, u8::MAX, i16::MAX, i32::MAX, i64::MAX),
        (-1e300, 0, i16::MIN, i32::MIN, i64::MIN),
        (-0.0, 0, 0, 0, 0),
        (-0.9, 0, 0, 0, 0),
        (0.9, 0, 0, 0, 0),
        (-1.5, 0, -1, -1, -1),
        (255.99, 255, 255, 255, 255),
        (256.0, 255, 256, 256, 256),
        (32_768.0, 255, i16::MAX, 32_768, 32_768),
        (-32_769.0, 0, i16::MIN, -32_769, -32_769),
        (2_147_483_648.0, 255, i16::MAX, i32::MAX, 2_147_483_648),
        (9_223_372_036_854_775_808.0, 255, i16::MAX, i32::MAX, i64::MAX),
        (-9_223_372_036_854_775_808.0, 0, i16::MIN, i32::MIN, i64::MIN),
        (5e-324, 0, 0, 0, 0),
    ];
    for (value, byte, short, int, long) in cases {
        let found = (decimal_to_byte(value), decimal_to_short(value), decimal_to_int(value), decimal_to_long(value));
        assert_eq!(found, (byte, short, int, long), "{value}");
    }
    let cases = [
        (f32::NAN, 0, 0, 0, 0),
        (odd_float(), 0, 0, 0, 0),
        (f32::INFINITY, u8::MAX, i16::MAX, i32::MAX, i64::MAX),
        (f32::NEG_INFINITY, 0, i16::MIN, i32::MIN, i64::MIN),
        (f32::MAX, u8::MAX, i16::MAX, i32::MAX, i64::MAX),
        (-0.0, 0, 0, 0, 0),
        (-1.5, 0, -1, -1, -1),
        (256.0, 255, 256, 256, 256),
        (-32_769.0, 0, i16::MIN, -32_769, -32_769),
        (2_147_483_648.0, 255, i16::MAX, i32::MAX, 2_147_483_648),
        (-9_223_372_036_854_775_808.0, 0, i16::MIN, i32::MIN, i64::MIN),
    ];
    for (value, byte, short, int, long) in cases {
        let found = (float_to_byte(value), float_to_short(value), float_to_int(value), float_to_long(value));
        assert_eq!(found, (byte, short, int, long), "{value}");
    }
}

#[test]
fn floats_convert_to_each_other() {
    assert_eq!([1e300, -1e300, 0.1, 1e-300].map(decimal_to_float), [f32::INFINITY, f32::NEG_INFINITY, 0.1, 0.0]);
    assert_eq!([16_777_217.0, 16_777_219.0].map(decimal_to_float), [16_777_216.0, 16_777_220.0]);
    assert_eq!(
        [0.5, f32::MAX, f32::NEG_INFINITY].map(float_to_decimal),
        [0.5, 3.402_823_466_385_288_6e38, f64::NEG_INFINITY]
    );
    assert_eq!((float_to_decimal(-0.0).to_bits(), decimal_to_float(-0.0).to_bits()), (1 << 63, 1 << 31));
}

#[test]
fn chars_are_scalar_values() {
    let cases = [
        (0x41, 'A'),
        (0, '\0'),
        (0xD7FF, '\u{D7FF}'),
        (0xD800, '\u{FFFD}'),
        (0xDFFF, '\u{FFFD}'),
        (0xE000, '\u{E000}'),
        (0x10_FFFF, '\u{10FFFF}'),
        (0x11_0000, '\u{FFFD}'),
        (-1, '\u{FFFD}'),
        (i32::MIN, '\u{FFFD}'),
    ];
    for (number, character) in cases {
        assert_eq!(int_to_char(number), character, "{number:#x}");
    }
    assert_eq!(['A', '\u{10FFFF}'].map(char_to_int), [0x41, 0x10_FFFF]);
}

proptest! {
    #[test]
    fn integers_agree_with_wider_ones(a: i32, b: i32, count: i64) {
        let (wide_a, wide_b) = (i64::from(a), i64::from(b));
        prop_assert_eq!(add_int(a, b), (wide_a + wide_b) as i32);
        prop_assert_eq!(sub_int(a, b), (wide_a - wide_b) as i32);
        prop_assert_eq!(mul_int(a, b), (wide_a * wide_b) as i32);
        prop_assert_eq!(div_int(a, b), wide_a.checked_div(wide_b).map(|wide| wide as i32).ok_or(DivisionByZero));
        prop_assert_eq!(rem_int(a, b), wide_a.checked_rem(wide_b).map(|wide| wide as i32).ok_or(DivisionByZero));
        prop_assert_eq!(shl_int(a, count), (wide_a << (count & 31)) as i32);
        prop_assert_eq!(shr_int(a, count), (wide_a >> (count & 31)) as i32);
        prop_assert_eq!(ushr_int(a, count), ((wide_a & 0xFFFF_FFFF) >> (count & 31)) as i32);
        prop_assert_eq!(shl_short(a as i16, count), ((a as i16 as i64) << (count & 15)) as i16);
        prop_assert_eq!(shr_byte(a as u8, count), ((a as u8 as i64) >> (count & 7)) as u8);
    }

    #[test]
    fn every_decimal_operation_yields_a_number_or_the_canonical_nan(a: u64, b: u64) {
        let (a, b) = (f64::from_bits(a), f64::from_bits(b));
        for found in [add_decimal(a, b), sub_decimal(a, b), mul_decimal(a, b), div_decimal(a, b), sqrt_decimal(a), min_decimal(a, b), max_decimal(a, b)] {
            prop_assert!(!found.is_nan() || found.to_bits() == CANONICAL_DECIMAL_NAN);
        }
        prop_assert_eq!(neg_decimal(neg_decimal(a)).to_bits(), a.to_bits());
    }

    #[test]
    fn every_float_operation_yields_a_number_or_the_canonical_nan(a: u32, b: u32) {
        let (a, b) = (f32::from_bits(a), f32::from_bits(b));
        for found in [add_float(a, b), sub_float(a, b), mul_float(a, b), div_float(a, b), sqrt_float(a), min_float(a, b), max_float(a, b)] {
            prop_assert!(!found.is_nan() || found.to_bits() == CANONICAL_FLOAT_NAN);
        }
        prop_assert_eq!(neg_float(neg_float(a)).to_bits(), a.to_bits());
    }
}
