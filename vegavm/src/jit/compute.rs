//! The operations that only compute, as Cranelift's instructions. They agree with `vega_format::arithmetic` on all values; a
//! float that they give may be any NaN, which is made the canonical one before anybody can see its bits.

use crate::register::Kind;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use cranelift_frontend::FunctionBuilder;
use vega_format::compute::Computation;
use vega_format::instruction::{Effect, Pattern};
use vega_format::types::Tag;

/// What an operation gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Computed {
    pub(super) value: Value,
    pub(super) kind: Kind,
    /// Whether it may be a NaN other than the canonical one.
    pub(super) raw: bool,
}

/// The types of the operands.
pub(super) fn operands(computation: Computation) -> [Tag; 2] {
    let pops = match computation.instruction().row().effect {
        Effect::Fixed { pops, .. } => pops,
        Effect::By(..) => &[],
    };
    let tag = |place: usize| pops.get(place).copied().and_then(Pattern::tag).unwrap_or(Tag::Int);
    [tag(0), tag(1)]
}

/// What a comparison tells, as a byte that is 0 or 1; `None` for all other computations.
pub(super) fn compare(
    builder: &mut FunctionBuilder<'_>,
    computation: Computation,
    a: Value,
    b: Value,
) -> Option<Value> {
    use Computation::*;
    let condition = match computation {
        EqBool | EqChar | EqByte | EqShort | EqInt | EqLong => IntCC::Equal,
        NeBool | NeChar | NeByte | NeShort | NeInt | NeLong => IntCC::NotEqual,
        LtChar | LtByte | UltInt | UltLong => IntCC::UnsignedLessThan,
        LeChar | LeByte => IntCC::UnsignedLessThanOrEqual,
        GtChar | GtByte => IntCC::UnsignedGreaterThan,
        GeChar | GeByte => IntCC::UnsignedGreaterThanOrEqual,
        LtShort | LtInt | LtLong => IntCC::SignedLessThan,
        LeShort | LeInt | LeLong => IntCC::SignedLessThanOrEqual,
        GtShort | GtInt | GtLong => IntCC::SignedGreaterThan,
        GeShort | GeInt | GeLong => IntCC::SignedGreaterThanOrEqual,
        _ => {
            let condition = match computation {
                EqFloat | EqDecimal => FloatCC::Equal,
                NeFloat | NeDecimal => FloatCC::NotEqual,
                LtFloat | LtDecimal => FloatCC::LessThan,
                LeFloat | LeDecimal => FloatCC::LessThanOrEqual,
                GtFloat | GtDecimal => FloatCC::GreaterThan,
                GeFloat | GeDecimal => FloatCC::GreaterThanOrEqual,
                _ => return None,
            };
            return Some(builder.ins().fcmp(condition, a, b));
        }
    };
    Some(builder.ins().icmp(condition, a, b))
}

/// What a computation gives that is no comparison. A divisor is not 0.
pub(super) fn compute(
    builder: &mut FunctionBuilder<'_>,
    computation: Computation,
    a: Value,
    b: Value,
) -> Option<Computed> {
    use Computation::*;
    let mut make = Make { builder };
    Some(match computation {
        NotBool => int(make.builder.ins().bxor_imm_s(a, 1)),

        AddByte => make.byte(|b_| b_.ins().iadd(a, b)),
        SubByte => make.byte(|b_| b_.ins().isub(a, b)),
        MulByte => make.byte(|b_| b_.ins().imul(a, b)),
        DivByte => int(make.builder.ins().udiv(a, b)),
        RemByte => int(make.builder.ins().urem(a, b)),
        MinByte => int(make.builder.ins().umin(a, b)),
        MaxByte => int(make.builder.ins().umax(a, b)),
        NotByte => int(make.builder.ins().bxor_imm_s(a, 0xff)),
        ShlByte => {
            let count = make.builder.ins().band_imm_s(b, 7);
            make.byte(|b_| b_.ins().ishl(a, count))
        }
        ShrByte => {
            let count = make.builder.ins().band_imm_s(b, 7);
            int(make.builder.ins().ushr(a, count))
        }
        RotlByte => make.turned(types::I8, a, b, true),
        RotrByte => make.turned(types::I8, a, b, false),

        AddShort => make.short(|b_| b_.ins().iadd(a, b)),
        SubShort => make.short(|b_| b_.ins().isub(a, b)),
        MulShort => make.short(|b_| b_.ins().imul(a, b)),
        // The least by -1 is wide enough here, and is cut then.
        DivShort => make.short(|b_| b_.ins().sdiv(a, b)),
        RemShort => int(make.builder.ins().srem(a, b)),
        NegShort => make.short(|b_| b_.ins().ineg(a)),
        AbsShort => make.short(|b_| b_.ins().iabs(a)),
        ShlShort => {
            let count = make.builder.ins().band_imm_s(b, 15);
            make.short(|b_| b_.ins().ishl(a, count))
        }
        ShrShort => {
            let count = make.builder.ins().band_imm_s(b, 15);
            int(make.builder.ins().sshr(a, count))
        }
        UshrShort => {
            let count = make.builder.ins().band_imm_s(b, 15);
            let bits = make.builder.ins().band_imm_s(a, 0xffff);
            make.short(|b_| b_.ins().ushr(bits, count))
        }
        RotlShort => make.turned(types::I16, a, b, true),
        RotrShort => make.turned(types::I16, a, b, false),

        AddInt => int(make.builder.ins().iadd(a, b)),
        SubInt => int(make.builder.ins().isub(a, b)),
        MulInt => int(make.builder.ins().imul(a, b)),
        DivInt => int(make.divided(types::I32, a, b)),
        RemInt => int(make.remaining(types::I32, a, b)),
        NegInt => int(make.builder.ins().ineg(a)),
        AbsInt => int(make.builder.ins().iabs(a)),
        MinShort | MinInt => int(make.builder.ins().smin(a, b)),
        MaxShort | MaxInt => int(make.builder.ins().smax(a, b)),
        AndByte | AndShort | AndInt => int(make.builder.ins().band(a, b)),
        OrByte | OrShort | OrInt => int(make.builder.ins().bor(a, b)),
        XorByte | XorShort | XorInt => int(make.builder.ins().bxor(a, b)),
        NotShort | NotInt => int(make.builder.ins().bnot(a)),
        ShlInt => int(make.builder.ins().ishl(a, b)),
        ShrInt => int(make.builder.ins().sshr(a, b)),
        UshrInt => int(make.builder.ins().ushr(a, b)),
        RotlInt => int(make.builder.ins().rotl(a, b)),
        RotrInt => int(make.builder.ins().rotr(a, b)),
        UdivInt => int(make.builder.ins().udiv(a, b)),
        UremInt => int(make.builder.ins().urem(a, b)),
        ClzInt => int(make.builder.ins().clz(a)),
        CtzInt => int(make.builder.ins().ctz(a)),
        OnesInt => int(make.builder.ins().popcnt(a)),

        AddLong => cell(make.builder.ins().iadd(a, b)),
        SubLong => cell(make.builder.ins().isub(a, b)),
        MulLong => cell(make.builder.ins().imul(a, b)),
        DivLong => cell(make.divided(types::I64, a, b)),
        RemLong => cell(make.remaining(types::I64, a, b)),
        NegLong => cell(make.builder.ins().ineg(a)),
        AbsLong => cell(make.builder.ins().iabs(a)),
        MinLong => cell(make.builder.ins().smin(a, b)),
        MaxLong => cell(make.builder.ins().smax(a, b)),
        AndLong => cell(make.builder.ins().band(a, b)),
        OrLong => cell(make.builder.ins().bor(a, b)),
        XorLong => cell(make.builder.ins().bxor(a, b)),
        NotLong => cell(make.builder.ins().bnot(a)),
        ShlLong => cell(make.builder.ins().ishl(a, b)),
        ShrLong => cell(make.builder.ins().sshr(a, b)),
        UshrLong => cell(make.builder.ins().ushr(a, b)),
        RotlLong => cell(make.builder.ins().rotl(a, b)),
        RotrLong => cell(make.builder.ins().rotr(a, b)),
        UdivLong => cell(make.builder.ins().udiv(a, b)),
        UremLong => cell(make.builder.ins().urem(a, b)),
        ClzLong => make.counted(|b_| b_.ins().clz(a)),
        CtzLong => make.counted(|b_| b_.ins().ctz(a)),
        OnesLong => make.counted(|b_| b_.ins().popcnt(a)),

        AddFloat => float(make.builder.ins().fadd(a, b)),
        SubFloat => float(make.builder.ins().fsub(a, b)),
        MulFloat => float(make.builder.ins().fmul(a, b)),
        DivFloat => float(make.builder.ins().fdiv(a, b)),
        SqrtFloat => float(make.builder.ins().sqrt(a)),
        MinFloat => float(make.builder.ins().fmin(a, b)),
        MaxFloat => float(make.builder.ins().fmax(a, b)),
        FloorFloat => float(make.builder.ins().floor(a)),
        CeilFloat => float(make.builder.ins().ceil(a)),
        TruncFloat => float(make.builder.ins().trunc(a)),
        RoundFloat => {
            let (half, one) = (make.builder.ins().f32const(0.5), make.builder.ins().f32const(1.0));
            float(make.rounded(a, half, one))
        }
        NegFloat => exact(make.builder.ins().fneg(a), Kind::Float),
        AbsFloat => exact(make.builder.ins().fabs(a), Kind::Float),

        AddDecimal => decimal(make.builder.ins().fadd(a, b)),
        SubDecimal => decimal(make.builder.ins().fsub(a, b)),
        MulDecimal => decimal(make.builder.ins().fmul(a, b)),
        DivDecimal => decimal(make.builder.ins().fdiv(a, b)),
        SqrtDecimal => decimal(make.builder.ins().sqrt(a)),
        MinDecimal => decimal(make.builder.ins().fmin(a, b)),
        MaxDecimal => decimal(make.builder.ins().fmax(a, b)),
        FloorDecimal => decimal(make.builder.ins().floor(a)),
        CeilDecimal => decimal(make.builder.ins().ceil(a)),
        TruncDecimal => decimal(make.builder.ins().trunc(a)),
        RoundDecimal => {
            let (half, one) = (make.builder.ins().f64const(0.5), make.builder.ins().f64const(1.0));
            decimal(make.rounded(a, half, one))
        }
        NegDecimal => exact(make.builder.ins().fneg(a), Kind::Decimal),
        AbsDecimal => exact(make.builder.ins().fabs(a), Kind::Decimal),

        ByteToShort | ByteToInt | ShortToInt | CharToInt => int(a),
        ByteToLong | ShortToLong | IntToLong => cell(make.builder.ins().sextend(types::I64, a)),
        ShortToByte | IntToByte => make.byte(|_| a),
        LongToByte => {
            let low = make.builder.ins().ireduce(types::I32, a);
            make.byte(|_| low)
        }
        IntToShort => make.short(|_| a),
        LongToShort => {
            let low = make.builder.ins().ireduce(types::I32, a);
            make.short(|_| low)
        }
        LongToInt => int(make.builder.ins().ireduce(types::I32, a)),
        IntToChar => int(character(make.builder, a)),
        ByteToFloat | ShortToFloat | IntToFloat | LongToFloat => {
            exact(make.builder.ins().fcvt_from_sint(types::F32, a), Kind::Float)
        }
        ByteToDecimal | ShortToDecimal | IntToDecimal | LongToDecimal => {
            exact(make.builder.ins().fcvt_from_sint(types::F64, a), Kind::Decimal)
        }
        FloatToByte | DecimalToByte => make.cut(a, 0, 0xff),
        FloatToShort | DecimalToShort => make.cut(a, i16::MIN.into(), i16::MAX.into()),
        FloatToInt | DecimalToInt => int(make.builder.ins().fcvt_to_sint_sat(types::I32, a)),
        FloatToLong | DecimalToLong => cell(make.builder.ins().fcvt_to_sint_sat(types::I64, a)),
        FloatToDecimal => decimal(make.builder.ins().fpromote(types::F64, a)),
        DecimalToFloat => float(make.builder.ins().fdemote(types::F32, a)),

        EqBool | NeBool | EqChar | NeChar | LtChar | LeChar | GtChar | GeChar | EqByte | NeByte | LtByte | LeByte
        | GtByte | GeByte | EqShort | NeShort | LtShort | LeShort | GtShort | GeShort | EqInt | NeInt | LtInt
        | LeInt | GtInt | GeInt | EqLong | NeLong | LtLong | LeLong | GtLong | GeLong | EqFloat | NeFloat | LtFloat
        | LeFloat | GtFloat | GeFloat | EqDecimal | NeDecimal | LtDecimal | LeDecimal | GtDecimal | GeDecimal
        | UltInt | UltLong => return None,
    })
}

/// The char of these bits, U+FFFD where they are no scalar value.
pub(super) fn character(builder: &mut FunctionBuilder<'_>, bits: Value) -> Value {
    // Turned so that the surrogates are at the end, with what lies behind the last char.
    let turned = builder.ins().bxor_imm_s(bits, 0xd800);
    let turned = builder.ins().iadd_imm_s(turned, -0x800);
    let is_char = builder.ins().icmp_imm_s(IntCC::UnsignedLessThan, turned, 0x11_0000 - 0x800);
    let replacement = builder.ins().iconst(types::I32, 0xfffd);
    builder.ins().select(is_char, bits, replacement)
}

struct Make<'b, 'f> {
    builder: &'b mut FunctionBuilder<'f>,
}

impl<'f> Make<'_, 'f> {
    /// The low 8 bits.
    fn byte(&mut self, value: impl FnOnce(&mut FunctionBuilder<'f>) -> Value) -> Computed {
        let value = value(self.builder);
        int(self.builder.ins().band_imm_s(value, 0xff))
    }

    /// The low 16 bits, extended by their sign.
    fn short(&mut self, value: impl FnOnce(&mut FunctionBuilder<'f>) -> Value) -> Computed {
        let value = value(self.builder);
        let low = self.builder.ins().ireduce(types::I16, value);
        int(self.builder.ins().sextend(types::I32, low))
    }

    fn counted(&mut self, value: impl FnOnce(&mut FunctionBuilder<'f>) -> Value) -> Computed {
        let value = value(self.builder);
        int(self.builder.ins().ireduce(types::I32, value))
    }

    /// The low bits turned round.
    fn turned(&mut self, narrow: Type, a: Value, count: Value, left: bool) -> Computed {
        let low = self.builder.ins().ireduce(narrow, a);
        let turned = match left {
            true => self.builder.ins().rotl(low, count),
            false => self.builder.ins().rotr(low, count),
        };
        int(match narrow {
            types::I8 => self.builder.ins().uextend(types::I32, turned),
            _ => self.builder.ins().sextend(types::I32, turned),
        })
    }

    /// What the divisor is, if it is a constant.
    fn constant(&self, value: Value) -> Option<i64> {
        let function = &self.builder.func;
        let made = function.dfg.value_def(value).inst()?;
        match function.dfg.insts[made] {
            cranelift_codegen::ir::InstructionData::UnaryImm { imm, .. } => Some(imm.bits()),
            _ => None,
        }
    }

    /// A divisor that is not -1: the processor cannot divide the least value by that.
    fn divisor(&mut self, type_: Type, divisor: Value) -> (Value, Option<Value>) {
        let minus_one = if type_ == types::I32 { 0xffff_ffff } else { -1 };
        match self.constant(divisor) {
            Some(constant) if constant != minus_one && constant != 0 => (divisor, None),
            _ => {
                let is_it = self.builder.ins().icmp_imm_s(IntCC::Equal, divisor, -1);
                let one = self.builder.ins().iconst(type_, 1);
                (self.builder.ins().select(is_it, one, divisor), Some(is_it))
            }
        }
    }

    fn divided(&mut self, type_: Type, a: Value, b: Value) -> Value {
        let (divisor, is_minus_one) = self.divisor(type_, b);
        let quotient = self.builder.ins().sdiv(a, divisor);
        match is_minus_one {
            None => quotient,
            Some(is_it) => {
                let negative = self.builder.ins().ineg(a);
                self.builder.ins().select(is_it, negative, quotient)
            }
        }
    }

    fn remaining(&mut self, type_: Type, a: Value, b: Value) -> Value {
        let (divisor, _) = self.divisor(type_, b);
        self.builder.ins().srem(a, divisor)
    }

    /// Halves away from zero.
    fn rounded(&mut self, a: Value, half: Value, one: Value) -> Value {
        let whole = self.builder.ins().trunc(a);
        let rest = self.builder.ins().fsub(a, whole);
        let rest = self.builder.ins().fabs(rest);
        let is_half = self.builder.ins().fcmp(FloatCC::GreaterThanOrEqual, rest, half);
        let one = self.builder.ins().fcopysign(one, a);
        let next = self.builder.ins().fadd(whole, one);
        self.builder.ins().select(is_half, next, whole)
    }

    /// A whole number, or the nearest that there may be.
    fn cut(&mut self, a: Value, least: i64, most: i64) -> Computed {
        let whole = self.builder.ins().fcvt_to_sint_sat(types::I32, a);
        let least = self.builder.ins().iconst(types::I32, least & 0xffff_ffff);
        let most = self.builder.ins().iconst(types::I32, most);
        let whole = self.builder.ins().smax(whole, least);
        int(self.builder.ins().smin(whole, most))
    }
}

fn exact(value: Value, kind: Kind) -> Computed {
    Computed { value, kind, raw: false }
}

fn int(value: Value) -> Computed {
    exact(value, Kind::Int)
}

fn cell(value: Value) -> Computed {
    exact(value, Kind::Cell)
}

fn float(value: Value) -> Computed {
    Computed { value, kind: Kind::Float, raw: true }
}

fn decimal(value: Value) -> Computed {
    Computed { value, kind: Kind::Decimal, raw: true }
}
