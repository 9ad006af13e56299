//! Stacks that are kept for later, as numbers: equal numbers say that the stacks are equal.
//!
//! A kept stack is a cell on top of a kept stack, so that what many stacks have in common is kept once, and keeping one
//! costs only what has changed since the last.

use crate::hash::HashMap;
use crate::verify::cells::CellType;
use alloc::vec::Vec;
use foldhash::quality::RandomState as Keyed;

/// A kept stack; 0 is the empty one.
pub(super) type Kept = u32;

/// The stacks that are kept of one function.
#[derive(Debug, Default)]
pub(super) struct Stacks {
    /// What is beneath, the cell on top, and how many there are.
    links: Vec<(Kept, CellType, u32)>,
    numbers: HashMap<(Kept, CellType), Kept, Keyed>,
    /// The kept stack up to each cell of the one in hand, as far as it is up to date.
    levels: Vec<Kept>,
}

impl Stacks {
    /// Forgets all; the stack in hand is empty.
    pub(super) fn clear(&mut self) {
        self.links.clear();
        self.numbers.clear();
        self.levels.clear();
    }

    /// The stack in hand has only so many cells now, or had in between.
    #[inline]
    pub(super) fn popped_to(&mut self, depth: usize) {
        self.levels.truncate(depth);
    }

    /// How many cells of the stack in hand, from the lowest on, are kept already.
    pub(super) fn known(&self) -> usize {
        self.levels.len()
    }

    /// Keeps the stack in hand, whose cells above those that are known are these. Nobody goes through the others: they may
    /// be many, at every end of a block.
    pub(super) fn keep(&mut self, above: impl Iterator<Item = CellType>) -> Kept {
        let mut top = self.levels.last().copied().unwrap_or(0);
        for cell in above {
            let next = self.links.len() as Kept + 1;
            let number = *self.numbers.entry((top, cell)).or_insert(next);
            if number == next {
                self.links.push((top, cell, self.levels.len() as u32 + 1));
            }
            self.levels.push(number);
            top = number;
        }
        top
    }

    /// How many cells are kept in all.
    pub(super) fn links(&self) -> usize {
        self.links.len()
    }

    fn link(&self, stack: Kept) -> Option<(Kept, CellType, u32)> {
        self.links.get((stack as usize).checked_sub(1)?).copied()
    }

    /// Takes a kept stack in hand: gives how many cells of the one in hand stay, and those to put on them, the top
    /// first.
    pub(super) fn take(&mut self, stack: Kept, above: &mut Vec<CellType>) -> usize {
        above.clear();
        let mut at = stack;
        let mut numbers = Vec::new();
        while let Some((beneath, cell, depth)) = self.link(at) {
            if self.levels.get(depth as usize - 1) == Some(&at) {
                break;
            }
            above.push(cell);
            numbers.push(at);
            at = beneath;
        }
        let stay = self.link(at).map_or(0, |(_, _, depth)| depth as usize);
        self.levels.truncate(stay);
        self.levels.extend(numbers.into_iter().rev());
        stay
    }

    /// The cells of a kept stack, the top first.
    pub(super) fn cells(&self, stack: Kept) -> impl Iterator<Item = CellType> {
        let mut at = stack;
        core::iter::from_fn(move || {
            let (beneath, cell, _) = self.link(at)?;
            at = beneath;
            Some(cell)
        })
    }

    /// How many cells a kept stack has.
    pub(super) fn depth(&self, stack: Kept) -> usize {
        self.link(stack).map_or(0, |(_, _, depth)| depth as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Tag;

    /// At the end of a block only what has changed since the last is gone through, however deep the stack is.
    #[test]
    fn what_is_kept_stays_known() {
        let [int, bool] = [Tag::Int, Tag::Bool].map(CellType::Scalar);
        let mut stacks = Stacks::default();
        let deep = stacks.keep(core::iter::repeat_n(int, 1_000));
        assert_eq!(stacks.known(), 1_000);
        stacks.popped_to(999);
        let other = stacks.keep(core::iter::once(bool));
        assert_eq!((stacks.known(), stacks.depth(other)), (1_000, 1_000));
        let mut above = Vec::new();
        assert_eq!((stacks.take(deep, &mut above), above.as_slice()), (999, [int].as_slice()));
        assert_eq!((stacks.known(), stacks.keep(core::iter::empty())), (1_000, deep));
    }
}
