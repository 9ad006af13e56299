//! The expression stack: cells that know what they hold, and the operations that take only them and leave only them.

use super::{Machine, Stop};
use crate::value::{Cell, CellKind, Span};
use vega_format::arithmetic::DivisionByZero;
use vega_format::cell;
use vega_format::stencil::TypeRef;
use vega_format::trap::Trap;
use vega_format::types::Tag;

/// A Rust type that carries one scalar type.
pub(super) trait Scalar: Copy {
    const TAG: Tag;
    fn from_cell(bits: u64) -> Self;
    fn to_cell(self) -> u64;
}

macro_rules! scalars {
    ($($type:ty: $tag:ident, $read:ident, $write:ident;)*) => { $(
        impl Scalar for $type {
            const TAG: Tag = Tag::$tag;
            fn from_cell(bits: u64) -> Self {
                cell::$read(bits)
            }
            fn to_cell(self) -> u64 {
                cell::$write(self)
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

impl Machine<'_> {
    pub(super) fn push(&mut self, cell: Cell) {
        self.cells.push(cell);
    }

    pub(super) fn push_scalar<T: Scalar>(&mut self, value: T) {
        self.push(Cell::scalar(T::TAG, value.to_cell()));
    }

    /// The top cell; a frame ends at its parameters.
    pub(super) fn pop(&mut self) -> Result<Cell, Stop> {
        if self.cells.len() <= self.frame.base + self.frame.facts.parameters.len() {
            return Err(Stop::Broken("the expression stack is empty"));
        }
        self.cells.pop().ok_or(Stop::Broken("there are no cells"))
    }

    /// Drops cells that lie beneath others.
    pub(super) fn slide(&mut self, keep: usize, drop: usize) -> Result<(), Stop> {
        let bottom = self.frame.base + self.frame.facts.parameters.len();
        let first_kept = self.cells.len().checked_sub(keep);
        let start = first_kept.and_then(|first| first.checked_sub(drop)).filter(|start| *start >= bottom);
        let start = start.ok_or(Stop::Broken("too few cells"))?;
        self.cells.drain(start..start + drop);
        Ok(())
    }

    pub(super) fn pop_scalar<T: Scalar>(&mut self) -> Result<T, Stop> {
        Ok(T::from_cell(self.pop_tagged(T::TAG)?))
    }

    /// The bits of a scalar of this type.
    pub(super) fn pop_tagged(&mut self, tag: Tag) -> Result<u64, Stop> {
        match self.pop()? {
            Cell { kind: CellKind::Scalar(found), bits } if found == tag => Ok(bits),
            _ => Err(Stop::Broken("a cell of another type")),
        }
    }

    /// A scalar of any type, or the value and tag of a union as one.
    pub(super) fn pop_value(&mut self) -> Result<(Tag, u64), Stop> {
        match self.pop()? {
            Cell { kind: CellKind::Scalar(tag), bits } => Ok((tag, bits)),
            Cell { kind: CellKind::UnionTag(mask), bits } => {
                let tag = u8::try_from(bits).ok().and_then(Tag::from_number).filter(|tag| mask.contains(*tag));
                let tag = tag.ok_or(Stop::Broken("a union without a tag"))?;
                match self.pop()? {
                    Cell { kind: CellKind::UnionValue(_), bits } => Ok((tag, bits)),
                    _ => Err(Stop::Broken("a tag without a value")),
                }
            }
            _ => Err(Stop::Broken("a cell of another type")),
        }
    }

    /// An index, offset or count: an integer of any width.
    pub(super) fn pop_integer(&mut self) -> Result<i64, Stop> {
        match self.pop()? {
            Cell { kind: CellKind::Scalar(Tag::Byte), bits } => Ok(cell::byte(bits).into()),
            Cell { kind: CellKind::Scalar(Tag::Short), bits } => Ok(cell::short(bits).into()),
            Cell { kind: CellKind::Scalar(Tag::Int), bits } => Ok(cell::int(bits).into()),
            Cell { kind: CellKind::Scalar(Tag::Long), bits } => Ok(cell::long(bits)),
            _ => Err(Stop::Broken("no integer")),
        }
    }

    pub(super) fn pop_string(&mut self) -> Result<Span, Stop> {
        match self.pop()? {
            cell @ Cell { kind: CellKind::String, .. } => Ok(cell.as_span()),
            _ => Err(Stop::Broken("no string")),
        }
    }

    pub(super) fn pop_view(&mut self) -> Result<(TypeRef, Span), Stop> {
        match self.pop()? {
            cell @ Cell { kind: CellKind::View(element), .. } => Ok((element, cell.as_span())),
            _ => Err(Stop::Broken("no view")),
        }
    }

    /// Takes one value, leaves one.
    pub(super) fn one<A: Scalar, R: Scalar>(&mut self, operation: impl Fn(A) -> R) -> Result<(), Stop> {
        let a = self.pop_scalar()?;
        self.push_scalar(operation(a));
        Ok(())
    }

    /// Takes two values, leaves one.
    pub(super) fn two<A: Scalar, B: Scalar, R: Scalar>(&mut self, operation: impl Fn(A, B) -> R) -> Result<(), Stop> {
        let b = self.pop_scalar()?;
        let a = self.pop_scalar()?;
        self.push_scalar(operation(a, b));
        Ok(())
    }

    /// Takes two values, leaves one, and traps where the second is 0.
    pub(super) fn divide<A: Scalar>(
        &mut self,
        operation: impl Fn(A, A) -> Result<A, DivisionByZero>,
    ) -> Result<(), Stop> {
        let b = self.pop_scalar()?;
        let a = self.pop_scalar()?;
        self.push_scalar(operation(a, b).map_err(|DivisionByZero| Trap::DivisionByZero {})?);
        Ok(())
    }

    /// Takes a value and a count, leaves a value.
    pub(super) fn shift<A: Scalar>(&mut self, operation: impl Fn(A, i64) -> A) -> Result<(), Stop> {
        self.two(|a, count: i32| operation(a, count.into()))
    }
}
