//! What the variable of a `for` over constants comes to. An index that it takes out of an array traps for certain if every
//! turn comes there, which it does where nothing is asked first and nothing leaves the loop.

use super::certain::constant;
use super::convert::integer_cell;
use super::{Checker, Told};
use crate::ast::{Binary, Name};
use crate::checked::{Expression, Kind, Type};
use ecow::EcoString;
use vega_format::trap::Trap;
use vega_report::Diagnostic;

/// A loop around a place that counts from one constant to another.
pub(super) struct Counted {
    variable: EcoString,
    binding: u32,
    first: i64,
    last: i64,
    /// How many scopes are open in its body.
    depth: usize,
    /// Whether something leaves it, or one of its turns, before the end.
    is_left: bool,
    /// What traps unless it is left, and the depth of the loop that counts to it: this one, or one around it.
    traps: Vec<(usize, Diagnostic)>,
}

impl Counted {
    fn add(&mut self, trap: (usize, Diagnostic)) {
        if self.traps.len() < Told::MOST {
            self.traps.push(trap);
        }
    }
}

impl Checker<'_> {
    /// Begins the body of a loop over a range, whose scope is open.
    pub(super) fn count(&mut self, variable: &Name, binding: u32, start: &Expression, end: &Expression) {
        let last = constant(end).and_then(|end| end.checked_sub(1));
        let (Some(first), Some(last)) = (constant(start), last) else { return };
        if first <= last {
            let (variable, depth) = (variable.text.clone(), self.scopes.depth());
            self.counted.push(Counted { variable, binding, first, last, depth, is_left: false, traps: Vec::new() });
        }
    }

    /// The body of a loop has ended: tells what traps in it.
    pub(super) fn end_count(&mut self) {
        let open = self.scopes.depth();
        let ended = self.counted.pop_if(|counted| counted.depth > open).filter(|ended| !ended.is_left);
        let Some(ended) = ended else { return };
        for (depth, trap) in ended.traps {
            match self.counted.last_mut() {
                Some(around) if depth < ended.depth => around.add((depth, trap)),
                _ => self.complain(trap),
            }
        }
    }

    /// Something leaves the loops, or turns of them, in whose bodies more scopes are open.
    pub(super) fn leave_counted(&mut self, depth: usize) {
        let inner = self.counted.iter_mut().rev().take_while(|counted| counted.depth > depth);
        inner.for_each(|counted| counted.is_left = true);
    }

    /// Looks at what may not be computed although execution comes by.
    pub(super) fn where_sometimes<T>(&mut self, sometimes: bool, look: impl FnOnce(&mut Self) -> T) -> T {
        self.while_set(|checker| &mut checker.sometimes, sometimes, look)
    }

    /// An index of an array of so many elements that may be the variable of a loop, or so much more or less.
    pub(super) fn certain_turn(&mut self, index: &Expression, length: u32) {
        let Some(counting) = Counting::of(index) else { return };
        let Some(place) = self.counted.iter().rposition(|counted| counted.binding == counting.binding) else { return };
        let Some([counted, inner @ ..]) = self.counted.get(place..) else { return };
        let Counted { variable, first, last, depth, .. } = counted;
        let depth = *depth;
        let turn = counting.first_out(*first, length);
        let is_computed = turn <= i128::from(*last) && !self.sometimes && !self.unreached && !self.scopes.diverged;
        if !is_computed || !self.scopes.run_through(depth, inner.iter().map(|inner| inner.depth)) {
            return;
        }
        let value = counting.at(turn);
        let Some(value) = i64::try_from(value).ok().filter(|value| is_of(*value, index.type_)) else { return };
        let trap = Trap::IndexOutOfBounds { index: value, length };
        let label = format!("this traps in the turn in which `{variable}` is {turn}");
        let reach = format!("`{variable}` goes from {first} to {last}");
        let diagnostic = self.error(trap.kind().code(), index.span, trap.to_string(), label).hint(match length {
            0 => "there is no element".to_owned(),
            _ => format!("{reach}; the first element is 0, the last {}", length - 1),
        });
        if let Some(innermost) = self.counted.last_mut() {
            innermost.add((depth, diagnostic));
        }
    }
}

/// An index that goes up or down with a cell.
struct Counting {
    binding: u32,
    rises: bool,
    /// Its value where the cell is zero.
    start: i64,
}

impl Counting {
    fn of(index: &Expression) -> Option<Counting> {
        let (binding, rises, start) = match &index.kind {
            Kind::Cell(binding) => (*binding, true, 0),
            Kind::Binary(operator, operands) => {
                let [left, right] = &**operands;
                match (operator, &left.kind, &right.kind) {
                    (Binary::Add, Kind::Cell(binding), _) => (*binding, true, constant(right)?),
                    (Binary::Add, _, Kind::Cell(binding)) => (*binding, true, constant(left)?),
                    (Binary::Sub, Kind::Cell(binding), _) => (*binding, true, constant(right)?.checked_neg()?),
                    (Binary::Sub, _, Kind::Cell(binding)) => (*binding, false, constant(left)?),
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(Counting { binding, rises, start })
    }

    /// Its value where the cell has one.
    fn at(&self, cell: i128) -> i128 {
        i128::from(self.start) + if self.rises { cell } else { -cell }
    }

    /// The first value of the cell, from one on, at which it is the number of none of so many elements.
    fn first_out(&self, first: i64, length: u32) -> i128 {
        let (first, start, length) = (i128::from(first), i128::from(self.start), i128::from(length));
        match self.at(first) {
            index if !(0..length).contains(&index) => first,
            _ if self.rises => length - start,
            _ => start + 1,
        }
    }
}

/// Whether a type has a value, so that it is what arithmetic gives.
fn is_of(value: i64, type_: Type) -> bool {
    matches!(type_, Type::Scalar(tag) if integer_cell(value.into(), tag).is_some())
}
