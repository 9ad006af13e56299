//! Loops whose counter is an index: over arrays and views, in both directions, within their bounds and, where a function is
//! careless, one beyond.

use super::Parameter;
use super::body::{Belief, Body};
use vega_format::container::SlotKind;
use vega_format::instruction::{Cell, Instruction, Offset, Slot, Target};
use vega_format::stencil::TypeRef;
use vega_format::types::Tag;

/// What is walked over.
#[derive(Debug, Clone, Copy)]
enum Walked {
    Slot(Slot, TypeRef, u32),
    /// A view of bytes.
    Parameter(Cell),
}

impl Body<'_> {
    /// A loop over all elements of something.
    pub(super) fn walk(&mut self, depth: u32) {
        let Some(walked) = self.walked() else { return self.repeat(depth) };
        let careless = self.random.percent(3 * self.mood.careless);
        let down = self.random.percent(30);
        // The counter.
        match (down, walked) {
            (false, _) => {
                let first = self.random.below(2) as i32;
                self.int(first);
            }
            (true, Walked::Slot(_, _, count)) => self.int(count as i32 - i32::from(!careless)),
            (true, Walked::Parameter(_)) => {
                self.view(walked);
                self.push(Instruction::ViewLength {});
                if !careless {
                    self.int(1);
                    self.push(Instruction::SubInt {});
                }
            }
        }
        self.cells.push(true);
        let before = self.beliefs.clone();
        let counter = Cell(self.parameter_cells() + self.cells.len() as u16 - 1);
        let start = Target(self.code.len() as u32);
        self.push(Instruction::CellLoad { cell: counter });
        if down {
            self.int(0);
            self.push(Instruction::GeInt {});
        } else {
            self.bound(walked, careless);
        }
        let end = self.jump_later(Instruction::JumpFalse { target: Target(0) });
        self.enter_loop(end);
        for _ in 0..self.random.within(1, 3) {
            self.visit(walked, counter);
        }
        if self.random.percent(50) {
            self.call();
        }
        if self.random.percent(30) {
            self.statements(depth + 1);
            if !self.random.percent(self.mood.disagree) {
                self.restore(&before);
            }
        }
        let leaving = self.next_round();
        let step = self.random.within(1, 2) as i32;
        self.int(step);
        self.push(if down { Instruction::SubInt {} } else { Instruction::AddInt {} });
        self.push(Instruction::Jump { target: start });
        leaving.into_iter().for_each(|jump| self.land(jump));
        self.push(Instruction::StackPop {});
        self.cells.pop();
        self.beliefs = before;
    }

    fn walked(&mut self) -> Option<Walked> {
        let parameter = self.find_parameter(Parameter::Bytes).filter(|_| self.random.percent(50));
        if let Some(cell) = parameter {
            return Some(Walked::Parameter(cell));
        }
        let there = self.slots.iter().zip(&self.beliefs).enumerate();
        let arrays = there.filter_map(|(slot, (kind, belief))| match (kind, belief) {
            (SlotKind::Stencil(type_ref), Belief::There(..)) => {
                let (element, count) = self.builder.stencils().array(*type_ref)?;
                Some(Walked::Slot(Slot(slot as u16), element, count))
            }
            _ => None,
        });
        let arrays: Vec<_> = arrays.collect();
        self.random.pick(&arrays).copied()
    }

    /// Compares the counter, which is on top, with how many elements there are.
    fn bound(&mut self, walked: Walked, careless: bool) {
        match walked {
            Walked::Slot(_, _, count) if self.random.percent(60) => {
                let (least, compare) = match self.random.below(3) {
                    0 => (count, Instruction::LtInt {}),
                    1 => (count - 1, Instruction::LeInt {}),
                    _ => (count.min(3), Instruction::LtInt {}),
                };
                self.int((least + u32::from(careless)) as i32);
                self.push(compare);
            }
            walked => {
                self.view(walked);
                self.push(Instruction::ViewLength {});
                self.push(if careless { Instruction::LeInt {} } else { Instruction::LtInt {} });
            }
        }
    }

    fn view(&mut self, walked: Walked) {
        self.push(match walked {
            Walked::Slot(slot, ..) => Instruction::ArrayView { slot },
            Walked::Parameter(cell) => Instruction::CellLoad { cell },
        });
    }

    /// The counter, or another element that is there if that is.
    fn index(&mut self, walked: Walked, counter: Cell) {
        self.push(Instruction::CellLoad { cell: counter });
        let Walked::Slot(_, _, count) = walked else { return };
        match self.random.below(8) {
            0 => {
                self.int(count as i32);
                self.push(Instruction::RemInt {});
            }
            1 => {
                self.int(((count + 1).next_power_of_two() / 2) as i32 - 1);
                self.push(Instruction::AndInt {});
            }
            2 if self.random.percent(4 * self.mood.careless) => {
                self.int(1);
                self.push(Instruction::AddInt {});
            }
            _ => {}
        }
    }

    /// Loads or stores an element.
    fn visit(&mut self, walked: Walked, counter: Cell) {
        let part = match walked {
            Walked::Slot(_, element, _) => self.field_of(element),
            Walked::Parameter(_) => Some((Offset(0), Tag::Byte)),
        };
        let Some((offset, tag)) = part else { return };
        // An array is also reached without a view of it.
        let slot = match walked {
            Walked::Slot(slot, ..) if self.random.percent(50) => Some(slot),
            _ => None,
        };
        if slot.is_none() {
            self.view(walked);
        }
        self.index(walked, counter);
        match (self.random.percent(50), slot) {
            (true, Some(slot)) => self.push(Instruction::ElemLoad { slot, offset, tag }),
            (true, None) => self.push(Instruction::ViewLoad { offset, tag }),
            (false, slot) => {
                self.operand(tag);
                return self.push(match slot {
                    Some(slot) => Instruction::ElemStore { slot, offset, tag },
                    None => Instruction::ViewStore { offset, tag },
                });
            }
        }
        self.note(tag);
    }
}
