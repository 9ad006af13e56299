//! What the instructions compute that do nothing else: from the cells of their operands to the cell of the result.
//!
//! Engines and the folding of constants share the one table of them, [`for_each_computation`].

use crate::arithmetic::DivisionByZero;
use crate::cell::Scalar;
use crate::instruction::Instruction;

/// Hands the rows of all instructions that only compute to a macro: the name of the variant, the shape of the operation,
/// and its function in [`arithmetic`](crate::arithmetic).
///
/// The shapes, under which this module has a function each that works on cells: `one` operand; `two` of one type; two to
/// `compare`, which give a bool; two to `divide`, which fails where the second is 0; a value to `shift` by an int.
#[macro_export]
macro_rules! for_each_computation {
    ($with:ident) => {
        $with! {
            // Truth values and characters.
            NotBool one not_bool;
            EqBool compare eq_bool;
            NeBool compare ne_bool;
            EqChar compare eq_char;
            NeChar compare ne_char;
            LtChar compare lt_char;
            LeChar compare le_char;
            GtChar compare gt_char;
            GeChar compare ge_char;

            // Bytes.
            AddByte two add_byte;
            SubByte two sub_byte;
            MulByte two mul_byte;
            DivByte divide div_byte;
            RemByte divide rem_byte;
            MinByte two min_byte;
            MaxByte two max_byte;
            AndByte two and_byte;
            OrByte two or_byte;
            XorByte two xor_byte;
            NotByte one not_byte;
            ShlByte shift shl_byte;
            ShrByte shift shr_byte;
            EqByte compare eq_byte;
            NeByte compare ne_byte;
            LtByte compare lt_byte;
            LeByte compare le_byte;
            GtByte compare gt_byte;
            GeByte compare ge_byte;
            RotlByte shift rotl_byte;
            RotrByte shift rotr_byte;

            // Shorts.
            AddShort two add_short;
            SubShort two sub_short;
            MulShort two mul_short;
            DivShort divide div_short;
            RemShort divide rem_short;
            NegShort one neg_short;
            AbsShort one abs_short;
            MinShort two min_short;
            MaxShort two max_short;
            AndShort two and_short;
            OrShort two or_short;
            XorShort two xor_short;
            NotShort one not_short;
            ShlShort shift shl_short;
            ShrShort shift shr_short;
            UshrShort shift ushr_short;
            EqShort compare eq_short;
            NeShort compare ne_short;
            LtShort compare lt_short;
            LeShort compare le_short;
            GtShort compare gt_short;
            GeShort compare ge_short;
            RotlShort shift rotl_short;
            RotrShort shift rotr_short;

            // Ints.
            AddInt two add_int;
            SubInt two sub_int;
            MulInt two mul_int;
            DivInt divide div_int;
            RemInt divide rem_int;
            NegInt one neg_int;
            AbsInt one abs_int;
            MinInt two min_int;
            MaxInt two max_int;
            AndInt two and_int;
            OrInt two or_int;
            XorInt two xor_int;
            NotInt one not_int;
            ShlInt shift shl_int;
            ShrInt shift shr_int;
            UshrInt shift ushr_int;
            EqInt compare eq_int;
            NeInt compare ne_int;
            LtInt compare lt_int;
            LeInt compare le_int;
            GtInt compare gt_int;
            GeInt compare ge_int;
            RotlInt shift rotl_int;
            RotrInt shift rotr_int;

            // Longs.
            AddLong two add_long;
            SubLong two sub_long;
            MulLong two mul_long;
            DivLong divide div_long;
            RemLong divide rem_long;
            NegLong one neg_long;
            AbsLong one abs_long;
            MinLong two min_long;
            MaxLong two max_long;
            AndLong two and_long;
            OrLong two or_long;
            XorLong two xor_long;
            NotLong one not_long;
            ShlLong shift shl_long;
            ShrLong shift shr_long;
            UshrLong shift ushr_long;
            EqLong compare eq_long;
            NeLong compare ne_long;
            LtLong compare lt_long;
            LeLong compare le_long;
            GtLong compare gt_long;
            GeLong compare ge_long;
            RotlLong shift rotl_long;
            RotrLong shift rotr_long;

            // Floats.
            AddFloat two add_float;
            SubFloat two sub_float;
            MulFloat two mul_float;
            DivFloat two div_float;
            NegFloat one neg_float;
            AbsFloat one abs_float;
            SqrtFloat one sqrt_float;
            MinFloat two min_float;
            MaxFloat two max_float;
            EqFloat compare eq_float;
            NeFloat compare ne_float;
            LtFloat compare lt_float;
            LeFloat compare le_float;
            GtFloat compare gt_float;
            GeFloat compare ge_float;
            FloorFloat one floor_float;
            CeilFloat one ceil_float;
            TruncFloat one trunc_float;
            RoundFloat one round_float;

            // Decimals.
            AddDecimal two add_decimal;
            SubDecimal two sub_decimal;
            MulDecimal two mul_decimal;
            DivDecimal two div_decimal;
            NegDecimal one neg_decimal;
            AbsDecimal one abs_decimal;
            SqrtDecimal one sqrt_decimal;
            MinDecimal two min_decimal;
            MaxDecimal two max_decimal;
            EqDecimal compare eq_decimal;
            NeDecimal compare ne_decimal;
            LtDecimal compare lt_decimal;
            LeDecimal compare le_decimal;
            GtDecimal compare gt_decimal;
            GeDecimal compare ge_decimal;
            FloorDecimal one floor_decimal;
            CeilDecimal one ceil_decimal;
            TruncDecimal one trunc_decimal;
            RoundDecimal one round_decimal;

            // Conversions.
            ByteToShort one byte_to_short;
            ByteToInt one byte_to_int;
            ByteToLong one byte_to_long;
            ByteToFloat one byte_to_float;
            ByteToDecimal one byte_to_decimal;
            ShortToByte one short_to_byte;
            ShortToInt one short_to_int;
            ShortToLong one short_to_long;
            ShortToFloat one short_to_float;
            ShortToDecimal one short_to_decimal;
            IntToByte one int_to_byte;
            IntToShort one int_to_short;
            IntToLong one int_to_long;
            IntToFloat one int_to_float;
            IntToDecimal one int_to_decimal;
            LongToByte one long_to_byte;
            LongToShort one long_to_short;
            LongToInt one long_to_int;
            LongToFloat one long_to_float;
            LongToDecimal one long_to_decimal;
            FloatToByte one float_to_byte;
            FloatToShort one float_to_short;
            FloatToInt one float_to_int;
            FloatToLong one float_to_long;
            FloatToDecimal one float_to_decimal;
            DecimalToByte one decimal_to_byte;
            DecimalToShort one decimal_to_short;
            DecimalToInt one decimal_to_int;
            DecimalToLong one decimal_to_long;
            DecimalToFloat one decimal_to_float;
            IntToChar one int_to_char;
            CharToInt one char_to_int;

            // Bits, and numbers without a sign.
            UdivInt divide udiv_int;
            UremInt divide urem_int;
            UltInt compare ult_int;
            ClzInt one clz_int;
            CtzInt one ctz_int;
            OnesInt one ones_int;
            UdivLong divide udiv_long;
            UremLong divide urem_long;
            UltLong compare ult_long;
            ClzLong one clz_long;
            CtzLong one ctz_long;
            OnesLong one ones_long;
        }
    };
}

macro_rules! define {
    ($($row:ident $shape:ident $function:ident;)*) => {
        /// An instruction that only computes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Computation {
            $(
                #[doc = concat!("As `Instruction::", stringify!($row), "`.")]
                $row,
            )*
        }

        impl Computation {
            /// What an instruction computes; `None` if it does more than that.
            pub fn of(instruction: &Instruction) -> Option<Computation> {
                match instruction {
                    $(Instruction::$row {} => Some(Computation::$row),)*
                    _ => None,
                }
            }

            /// The instruction.
            pub fn instruction(self) -> Instruction {
                match self {
                    $(Computation::$row => Instruction::$row {},)*
                }
            }

            /// Whether it compares two operands.
            pub fn compares(self) -> bool {
                match self {
                    $(Computation::$row => stringify!($shape).as_bytes() == b"compare",)*
                }
            }

            /// Whether it fails where its second operand is 0.
            pub fn divides(self) -> bool {
                match self {
                    $(Computation::$row => stringify!($shape).as_bytes() == b"divide",)*
                }
            }

            /// Whether it has one operand; all others have two.
            pub fn is_unary(self) -> bool {
                match self {
                    $(Computation::$row => stringify!($shape).as_bytes() == b"one",)*
                }
            }

            /// The result on the cells that it takes, the top last.
            ///
            /// # Errors
            /// An integer is divided by zero.
            pub fn apply(self, operands: [u64; 2]) -> Result<u64, DivisionByZero> {
                match self {
                    $(Computation::$row => $shape(crate::arithmetic::$function, operands),)*
                }
            }
        }
    };
}

for_each_computation!(define);

/// The result of an instruction on the cells that it takes, the top last; `None` if it does more than to compute.
pub fn compute(instruction: &Instruction, operands: &[u64]) -> Option<Result<u64, DivisionByZero>> {
    let operand = |place: usize| operands.get(place).copied().unwrap_or_default();
    Computation::of(instruction).map(|computation| computation.apply([operand(0), operand(1)]))
}

/// An operation on one operand, the first.
#[inline(always)]
pub fn one<A: Scalar, R: Scalar>(operation: impl Fn(A) -> R, [a, _]: [u64; 2]) -> Result<u64, DivisionByZero> {
    Ok(operation(A::from_cell(a)).to_cell())
}

/// An operation on two operands of one type.
#[inline(always)]
pub fn two<A: Scalar, R: Scalar>(operation: impl Fn(A, A) -> R, [a, b]: [u64; 2]) -> Result<u64, DivisionByZero> {
    Ok(operation(A::from_cell(a), A::from_cell(b)).to_cell())
}

/// A comparison of two operands of one type.
#[inline(always)]
pub fn compare<A: Scalar>(operation: impl Fn(A, A) -> bool, operands: [u64; 2]) -> Result<u64, DivisionByZero> {
    two(operation, operands)
}

/// A division.
///
/// # Errors
/// The second operand is 0.
#[inline(always)]
pub fn divide<A: Scalar>(
    operation: impl Fn(A, A) -> Result<A, DivisionByZero>,
    [a, b]: [u64; 2],
) -> Result<u64, DivisionByZero> {
    operation(A::from_cell(a), A::from_cell(b)).map(Scalar::to_cell)
}

/// A value and the count of a shift, which is an int.
#[inline(always)]
pub fn shift<A: Scalar>(operation: impl Fn(A, i64) -> A, [a, b]: [u64; 2]) -> Result<u64, DivisionByZero> {
    Ok(operation(A::from_cell(a), i32::from_cell(b).into()).to_cell())
}
