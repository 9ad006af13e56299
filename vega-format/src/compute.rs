//! What the instructions compute that do nothing else: from the cells of their operands to the cell of the result.
//!
//! Engines and the folding of constants share it. Every instruction has an arm here, so one that is new does not
//! compile until it is said what it computes, or that it does more than that.

use crate::arithmetic::*;
use crate::cell::Scalar;
use crate::instruction::Instruction;

type Computed = Result<u64, DivisionByZero>;

/// The result of an instruction on the cells that it takes, the top last; `None` if it does more than to compute.
pub fn compute(instruction: &Instruction, operands: &[u64]) -> Option<Computed> {
    use Instruction::*;
    Some(match *instruction {
        // What these do depends on more than their operands, or changes it.
        StackPop { .. }
        | StackAlloc { .. }
        | StackAllocBump { .. }
        | StackAllocPool { .. }
        | StackFree { .. }
        | LoadConst { .. }
        | VarAlloc { .. }
        | VarStore { .. }
        | VarLoad { .. }
        | VarFree { .. }
        | VarPtr { .. }
        | StencilAlloc { .. }
        | FieldStore { .. }
        | FieldLoad { .. }
        | CallNat { .. }
        | VarDrop { .. }
        | VarOffset { .. }
        | Call { .. }
        | Return { .. }
        | Jump { .. }
        | JumpFalse { .. }
        | JumpTrue { .. }
        | CellLoad { .. }
        | ElemLoad { .. }
        | ElemStore { .. }
        | ArrayView { .. }
        | ViewLoad { .. }
        | ViewStore { .. }
        | ViewLength { .. }
        | ViewSlice { .. }
        | StringLength { .. }
        | StringByte { .. }
        | EqString { .. }
        | NeString { .. }
        | StackSlide { .. }
        | FieldView { .. }
        | ViewField { .. }
        | ViewCopy { .. }
        | Fail { .. }
        | UnionAs { .. }
        | UnionIs { .. }
        | LtString { .. }
        | LeString { .. }
        | GtString { .. }
        | GeString { .. }
        | StringSlice { .. }
        | StringChar { .. }
        | StringNext { .. }
        | TextView { .. }
        | TextStore { .. }
        | TextAppend { .. }
        | ViewText { .. }
        | ViewTextStore { .. }
        | ViewTextAppend { .. }
        | ViewTextFormat { .. }
        | TextFormat { .. }
        | StaticLoad { .. }
        | StaticStore { .. }
        | StaticView { .. } => return None,

        // Truth values and characters.
        NotBool {} => one(operands, |value: bool| !value),
        EqBool {} => two(operands, eq_bool),
        NeBool {} => two(operands, ne_bool),
        EqChar {} => two(operands, eq_char),
        NeChar {} => two(operands, ne_char),
        LtChar {} => two(operands, lt_char),
        LeChar {} => two(operands, le_char),
        GtChar {} => two(operands, gt_char),
        GeChar {} => two(operands, ge_char),

        // Bytes.
        AddByte {} => two(operands, add_byte),
        SubByte {} => two(operands, sub_byte),
        MulByte {} => two(operands, mul_byte),
        DivByte {} => divide(operands, div_byte),
        RemByte {} => divide(operands, rem_byte),
        MinByte {} => two(operands, min_byte),
        MaxByte {} => two(operands, max_byte),
        AndByte {} => two(operands, and_byte),
        OrByte {} => two(operands, or_byte),
        XorByte {} => two(operands, xor_byte),
        NotByte {} => one(operands, not_byte),
        ShlByte {} => shift(operands, shl_byte),
        ShrByte {} => shift(operands, shr_byte),
        EqByte {} => two(operands, eq_byte),
        NeByte {} => two(operands, ne_byte),
        LtByte {} => two(operands, lt_byte),
        LeByte {} => two(operands, le_byte),
        GtByte {} => two(operands, gt_byte),
        GeByte {} => two(operands, ge_byte),
        RotlByte {} => shift(operands, rotl_byte),
        RotrByte {} => shift(operands, rotr_byte),

        // Shorts.
        AddShort {} => two(operands, add_short),
        SubShort {} => two(operands, sub_short),
        MulShort {} => two(operands, mul_short),
        DivShort {} => divide(operands, div_short),
        RemShort {} => divide(operands, rem_short),
        NegShort {} => one(operands, neg_short),
        AbsShort {} => one(operands, abs_short),
        MinShort {} => two(operands, min_short),
        MaxShort {} => two(operands, max_short),
        AndShort {} => two(operands, and_short),
        OrShort {} => two(operands, or_short),
        XorShort {} => two(operands, xor_short),
        NotShort {} => one(operands, not_short),
        ShlShort {} => shift(operands, shl_short),
        ShrShort {} => shift(operands, shr_short),
        UshrShort {} => shift(operands, ushr_short),
        EqShort {} => two(operands, eq_short),
        NeShort {} => two(operands, ne_short),
        LtShort {} => two(operands, lt_short),
        LeShort {} => two(operands, le_short),
        GtShort {} => two(operands, gt_short),
        GeShort {} => two(operands, ge_short),
        RotlShort {} => shift(operands, rotl_short),
        RotrShort {} => shift(operands, rotr_short),

        // Ints.
        AddInt {} => two(operands, add_int),
        SubInt {} => two(operands, sub_int),
        MulInt {} => two(operands, mul_int),
        DivInt {} => divide(operands, div_int),
        RemInt {} => divide(operands, rem_int),
        NegInt {} => one(operands, neg_int),
        AbsInt {} => one(operands, abs_int),
        MinInt {} => two(operands, min_int),
        MaxInt {} => two(operands, max_int),
        AndInt {} => two(operands, and_int),
        OrInt {} => two(operands, or_int),
        XorInt {} => two(operands, xor_int),
        NotInt {} => one(operands, not_int),
        ShlInt {} => shift(operands, shl_int),
        ShrInt {} => shift(operands, shr_int),
        UshrInt {} => shift(operands, ushr_int),
        EqInt {} => two(operands, eq_int),
        NeInt {} => two(operands, ne_int),
        LtInt {} => two(operands, lt_int),
        LeInt {} => two(operands, le_int),
        GtInt {} => two(operands, gt_int),
        GeInt {} => two(operands, ge_int),
        RotlInt {} => shift(operands, rotl_int),
        RotrInt {} => shift(operands, rotr_int),

        // Longs.
        AddLong {} => two(operands, add_long),
        SubLong {} => two(operands, sub_long),
        MulLong {} => two(operands, mul_long),
        DivLong {} => divide(operands, div_long),
        RemLong {} => divide(operands, rem_long),
        NegLong {} => one(operands, neg_long),
        AbsLong {} => one(operands, abs_long),
        MinLong {} => two(operands, min_long),
        MaxLong {} => two(operands, max_long),
        AndLong {} => two(operands, and_long),
        OrLong {} => two(operands, or_long),
        XorLong {} => two(operands, xor_long),
        NotLong {} => one(operands, not_long),
        ShlLong {} => shift(operands, shl_long),
        ShrLong {} => shift(operands, shr_long),
        UshrLong {} => shift(operands, ushr_long),
        EqLong {} => two(operands, eq_long),
        NeLong {} => two(operands, ne_long),
        LtLong {} => two(operands, lt_long),
        LeLong {} => two(operands, le_long),
        GtLong {} => two(operands, gt_long),
        GeLong {} => two(operands, ge_long),
        RotlLong {} => shift(operands, rotl_long),
        RotrLong {} => shift(operands, rotr_long),

        // Floats.
        AddFloat {} => two(operands, add_float),
        SubFloat {} => two(operands, sub_float),
        MulFloat {} => two(operands, mul_float),
        DivFloat {} => two(operands, div_float),
        NegFloat {} => one(operands, neg_float),
        AbsFloat {} => one(operands, abs_float),
        SqrtFloat {} => one(operands, sqrt_float),
        MinFloat {} => two(operands, min_float),
        MaxFloat {} => two(operands, max_float),
        EqFloat {} => two(operands, eq_float),
        NeFloat {} => two(operands, ne_float),
        LtFloat {} => two(operands, lt_float),
        LeFloat {} => two(operands, le_float),
        GtFloat {} => two(operands, gt_float),
        GeFloat {} => two(operands, ge_float),
        FloorFloat {} => one(operands, floor_float),
        CeilFloat {} => one(operands, ceil_float),
        TruncFloat {} => one(operands, trunc_float),
        RoundFloat {} => one(operands, round_float),

        // Decimals.
        AddDecimal {} => two(operands, add_decimal),
        SubDecimal {} => two(operands, sub_decimal),
        MulDecimal {} => two(operands, mul_decimal),
        DivDecimal {} => two(operands, div_decimal),
        NegDecimal {} => one(operands, neg_decimal),
        AbsDecimal {} => one(operands, abs_decimal),
        SqrtDecimal {} => one(operands, sqrt_decimal),
        MinDecimal {} => two(operands, min_decimal),
        MaxDecimal {} => two(operands, max_decimal),
        EqDecimal {} => two(operands, eq_decimal),
        NeDecimal {} => two(operands, ne_decimal),
        LtDecimal {} => two(operands, lt_decimal),
        LeDecimal {} => two(operands, le_decimal),
        GtDecimal {} => two(operands, gt_decimal),
        GeDecimal {} => two(operands, ge_decimal),
        FloorDecimal {} => one(operands, floor_decimal),
        CeilDecimal {} => one(operands, ceil_decimal),
        TruncDecimal {} => one(operands, trunc_decimal),
        RoundDecimal {} => one(operands, round_decimal),

        // Conversions.
        ByteToShort {} => one(operands, byte_to_short),
        ByteToInt {} => one(operands, byte_to_int),
        ByteToLong {} => one(operands, byte_to_long),
        ByteToFloat {} => one(operands, byte_to_float),
        ByteToDecimal {} => one(operands, byte_to_decimal),
        ShortToByte {} => one(operands, short_to_byte),
        ShortToInt {} => one(operands, short_to_int),
        ShortToLong {} => one(operands, short_to_long),
        ShortToFloat {} => one(operands, short_to_float),
        ShortToDecimal {} => one(operands, short_to_decimal),
        IntToByte {} => one(operands, int_to_byte),
        IntToShort {} => one(operands, int_to_short),
        IntToLong {} => one(operands, int_to_long),
        IntToFloat {} => one(operands, int_to_float),
        IntToDecimal {} => one(operands, int_to_decimal),
        LongToByte {} => one(operands, long_to_byte),
        LongToShort {} => one(operands, long_to_short),
        LongToInt {} => one(operands, long_to_int),
        LongToFloat {} => one(operands, long_to_float),
        LongToDecimal {} => one(operands, long_to_decimal),
        FloatToByte {} => one(operands, float_to_byte),
        FloatToShort {} => one(operands, float_to_short),
        FloatToInt {} => one(operands, float_to_int),
        FloatToLong {} => one(operands, float_to_long),
        FloatToDecimal {} => one(operands, float_to_decimal),
        DecimalToByte {} => one(operands, decimal_to_byte),
        DecimalToShort {} => one(operands, decimal_to_short),
        DecimalToInt {} => one(operands, decimal_to_int),
        DecimalToLong {} => one(operands, decimal_to_long),
        DecimalToFloat {} => one(operands, decimal_to_float),
        IntToChar {} => one(operands, int_to_char),
        CharToInt {} => one(operands, char_to_int),

        // Bits, and numbers without a sign.
        UdivInt {} => divide(operands, udiv_int),
        UremInt {} => divide(operands, urem_int),
        UltInt {} => two(operands, ult_int),
        ClzInt {} => one(operands, clz_int),
        CtzInt {} => one(operands, ctz_int),
        OnesInt {} => one(operands, ones_int),
        UdivLong {} => divide(operands, udiv_long),
        UremLong {} => divide(operands, urem_long),
        UltLong {} => two(operands, ult_long),
        ClzLong {} => one(operands, clz_long),
        CtzLong {} => one(operands, ctz_long),
        OnesLong {} => one(operands, ones_long),
    })
}

fn operand<T: Scalar>(operands: &[u64], place: usize) -> T {
    T::from_cell(operands.get(place).copied().unwrap_or_default())
}

fn one<A: Scalar, R: Scalar>(operands: &[u64], operation: impl Fn(A) -> R) -> Computed {
    Ok(operation(operand(operands, 0)).to_cell())
}

fn two<A: Scalar, R: Scalar>(operands: &[u64], operation: impl Fn(A, A) -> R) -> Computed {
    Ok(operation(operand(operands, 0), operand(operands, 1)).to_cell())
}

fn divide<A: Scalar>(operands: &[u64], operation: impl Fn(A, A) -> Result<A, DivisionByZero>) -> Computed {
    operation(operand(operands, 0), operand(operands, 1)).map(Scalar::to_cell)
}

/// A value and the count of a shift, which is an int.
fn shift<A: Scalar>(operands: &[u64], operation: impl Fn(A, i64) -> A) -> Computed {
    Ok(operation(operand(operands, 0), operand::<i32>(operands, 1).into()).to_cell())
}
