//! The expression stack: cells that know what they hold, and the operations that take only them and leave only them.

use super::{Machine, Stop};
use crate::value::{Cell, CellKind, Span};
use vega_format::arithmetic::DivisionByZero;
use vega_format::cell::{self, Scalar};
use vega_format::compute::compute;
use vega_format::instruction::{Effect, Instruction};
use vega_format::stencil::TypeRef;
use vega_format::trap::Trap;
use vega_format::types::{Mask, Tag};

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

    /// Makes a value into a union of other types, or into a scalar.
    pub(super) fn union_as(&mut self, mask: Mask) -> Result<(), Stop> {
        let (tag, bits) = self.pop_value()?;
        if !mask.contains(tag) {
            return Err(Trap::UnionMismatch { mask, tag }.into());
        }
        match mask.is_single() {
            Some(_) => self.push(Cell::scalar(tag, bits)),
            None => self.push_union(mask, tag, bits),
        }
        Ok(())
    }

    pub(super) fn union_is(&mut self, mask: Mask) -> Result<(), Stop> {
        let (tag, _) = self.pop_value()?;
        self.push_scalar(mask.contains(tag));
        Ok(())
    }

    pub(super) fn push_union(&mut self, mask: Mask, tag: Tag, bits: u64) {
        self.push(Cell { kind: CellKind::UnionValue(mask), bits });
        self.push(Cell { kind: CellKind::UnionTag(mask), bits: tag.number().into() });
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

    /// Does an instruction that only computes.
    pub(super) fn compute(&mut self, instruction: &Instruction) -> Result<(), Stop> {
        let Effect::Fixed { pops, pushes: &[result] } = instruction.row().effect else {
            return Err(Stop::Broken("an instruction that does more than to compute"));
        };
        let mut operands = [0; 2];
        for (place, pattern) in pops.iter().enumerate().rev() {
            let tag = pattern.tag().ok_or(Stop::Broken("a computation with text"))?;
            let operand = operands.get_mut(place).ok_or(Stop::Broken("too many operands"))?;
            *operand = self.pop_tagged(tag)?;
        }
        let broken = Stop::Broken("an instruction that nobody does");
        let computed = compute(instruction, &operands).ok_or(broken)?;
        let bits = computed.map_err(|DivisionByZero| Trap::DivisionByZero {})?;
        self.push(Cell::scalar(result.tag().ok_or(Stop::Broken("a computation of text"))?, bits));
        Ok(())
    }
}
