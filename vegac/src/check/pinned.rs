//! Places and views that are computed again and again and stay the same: the indices in them are computed once, and
//! kept in cells. So nothing of a view lies on the stack meanwhile, and variables may be freed.

use super::Checker;
use super::place::operands;
use super::whole::cell;
use crate::checked::{Base, Expression, Kind, Place, Type};
use vega_format::instruction::Instruction;

/// Numbers that are kept in cells, in the order in which they are computed.
pub(super) type Kept = Vec<(u32, Expression)>;

impl Checker<'_> {
    /// A view, a string, or an array where it stands, with the numbers in it kept. What computes something else stays as
    /// it is.
    pub(super) fn pinned(&mut self, expression: Expression, kept: &mut Kept) -> Expression {
        let kind = match expression.kind {
            Kind::Load(place) => Kind::Load(self.pinned_place(place, kept)),
            Kind::View(place) => Kind::View(self.pinned_place(place, kept)),
            Kind::Apply(slice @ (Instruction::ViewSlice {} | Instruction::StringSlice {}), operands) => {
                let mut operands = operands.into_iter();
                let whole = operands.next().map(|whole| self.pinned(whole, kept));
                let ends: Vec<Expression> = operands.map(|end| self.pinned_number(end, kept)).collect();
                Kind::Apply(slice, whole.into_iter().chain(ends).collect())
            }
            // A slice without an end: the view whose length is asked for.
            Kind::Let(binding, whole, slice) if stays(&self.pinned((*whole).clone(), &mut Vec::new())) => {
                let whole = self.pinned(*whole, kept);
                return self.pinned(replaced(*slice, binding, &whole), kept);
            }
            kind => kind,
        };
        Expression { kind, ..expression }
    }

    /// A place with the numbers of elements kept that lead there.
    pub(super) fn pinned_place(&mut self, place: Place, kept: &mut Kept) -> Place {
        let base = match place.base {
            Base::Element(slot, index) => Base::Element(slot, Box::new(self.pinned_number(*index, kept))),
            Base::ViewElement(view, index) => {
                let view = self.pinned(*view, kept);
                Base::ViewElement(Box::new(view), Box::new(self.pinned_number(*index, kept)))
            }
            base => base,
        };
        Place { base, ..place }
    }

    fn pinned_number(&mut self, number: Expression, kept: &mut Kept) -> Expression {
        if stays(&number) {
            return number;
        }
        let binding = self.scopes.new_binding();
        let cell = cell(binding, number.type_, number.span);
        kept.push((binding, number));
        cell
    }
}

/// Whether an expression can be computed again and again, for it does nothing and always gives the same.
pub(super) fn stays(expression: &Expression) -> bool {
    match &expression.kind {
        Kind::Cell(_) | Kind::Text(_) | Kind::Constant(..) => true,
        // A scalar may be another one the next time.
        Kind::Load(_) if matches!(expression.type_, Type::Scalar(_) | Type::Union(_)) => false,
        Kind::Load(place) | Kind::View(place) => operands(place).all(stays),
        Kind::Apply(Instruction::ViewSlice {} | Instruction::StringSlice {}, operands) => operands.iter().all(stays),
        _ => false,
    }
}

/// A slice with a view in the place of the cell that kept it.
fn replaced(slice: Expression, binding: u32, view: &Expression) -> Expression {
    match slice.kind {
        Kind::Cell(found) if found == binding => view.clone(),
        Kind::Apply(instruction, operands) => {
            let operands = operands.into_iter().map(|operand| replaced(operand, binding, view)).collect();
            Expression { kind: Kind::Apply(instruction, operands), ..slice }
        }
        kind => Expression { kind, ..slice },
    }
}
