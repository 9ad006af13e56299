//! The code of one function as it grows: labels, the depth of the stack, lines, and whether this place is reached.
//!
//! Behind a jump or a return nothing is written until a label stands there to which something jumps. What is computed of
//! constants alone is a constant, and a jump to what follows it is none.

use vega_format::compute::compute;
use vega_format::container::Line;
use vega_format::instruction::{Effect, Instruction, Target};
use vega_format::types::Tag;

/// A place to jump to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label(usize);

/// The code of a function. It is used for one after another, so that it need not grow each time.
#[derive(Debug, Default)]
pub(super) struct Code {
    instructions: Vec<Instruction>,
    lines: Vec<Line>,
    line: u32,
    /// Where what is emitted comes from.
    place: usize,
    /// The instruction at each label once it is placed, and the depth of the stack there once something jumps to it.
    labels: Vec<(Option<u32>, Option<u32>)>,
    depth: u32,
    deepest: u32,
    /// The most cells that the stack may have, and where it first has more.
    most: u32,
    too_deep: Option<usize>,
    reachable: bool,
    /// The constants that the last instructions push, with no label between them nor behind them.
    known: Vec<u64>,
    /// Where the last label was placed.
    labelled: usize,
}

impl Code {
    /// No code yet; the stack may be `most` cells deep.
    pub(super) fn begin(self, most: u32) -> Code {
        let Code { mut instructions, mut lines, mut labels, mut known, .. } = self;
        instructions.clear();
        lines.clear();
        labels.clear();
        known.clear();
        Code { instructions, lines, labels, known, most, reachable: true, ..Code::default() }
    }

    /// Whether the next instruction can be reached.
    pub(super) fn is_reachable(&self) -> bool {
        self.reachable
    }

    /// Cells on the expression stack here.
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    pub(super) fn set_place(&mut self, place: usize, line: u32) {
        self.place = place;
        self.line = line;
    }

    /// Appends an instruction that changes the depth by `change` cells.
    pub(super) fn emit(&mut self, instruction: Instruction, change: i32) {
        if !self.reachable {
            return;
        }
        if self.lines.last().is_none_or(|last| last.line != self.line) {
            self.lines.push(Line { offset: self.instructions.len() as u32, line: self.line });
        }
        self.instructions.push(instruction);
        self.known.clear();
        // Constants count when they are used: they may go again.
        self.deepest = self.deepest.max(self.depth);
        self.depth = self.depth.saturating_add_signed(change);
        if !matches!(instruction, Instruction::LoadConst { .. }) {
            self.deepest = self.deepest.max(self.depth);
        }
        if self.depth > self.most {
            self.too_deep.get_or_insert(self.place);
        }
    }

    /// Appends an instruction whose effect on the stack is always the same.
    pub(super) fn emit_fixed(&mut self, instruction: Instruction) {
        if let Effect::Fixed { pops, pushes } = instruction.row().effect {
            self.emit(instruction, pushes.len() as i32 - pops.len() as i32);
        }
    }

    /// Appends the instruction that pushes a scalar whose cell is this.
    pub(super) fn emit_known(&mut self, instruction: Instruction, cell: u64) {
        let mut known = core::mem::take(&mut self.known);
        self.emit(instruction, 1);
        known.push(cell);
        self.known = known;
    }

    /// What an instruction computes, if all that it takes is known; then what pushes that is taken away.
    pub(super) fn computed(&mut self, instruction: &Instruction) -> Option<(Tag, u64)> {
        let Effect::Fixed { pops, pushes: [result] } = instruction.row().effect else { return None };
        let (tag, first) = (result.tag()?, self.known.len().checked_sub(pops.len())?);
        let cell = compute(instruction, self.known.get(first..)?)?.ok()?;
        (first..self.known.len()).for_each(|_| self.take_back());
        self.known.truncate(first);
        self.depth -= pops.len() as u32;
        Some((tag, cell))
    }

    /// The constant on top of the stack, which is then taken away.
    pub(super) fn take_known(&mut self) -> Option<u64> {
        let cell = self.known.pop()?;
        self.take_back();
        self.depth -= 1;
        Some(cell)
    }

    /// The last instruction is none.
    fn take_back(&mut self) {
        self.instructions.pop();
        let end = self.instructions.len() as u32;
        self.lines.pop_if(|last| last.offset >= end);
    }

    pub(super) fn new_label(&mut self) -> Label {
        self.labels.push((None, None));
        Label(self.labels.len() - 1)
    }

    /// The label stands here. Something that was to jump here from above has done so already.
    pub(super) fn place(&mut self, label: Label) {
        let Some((_, depth)) = self.labels.get(label.0).copied() else { return };
        if !self.reachable && depth.is_none() {
            // Nobody comes here.
            return;
        }
        self.known.clear();
        let jumps_here = self.instructions.last() == Some(&Instruction::Jump { target: Target(label.0 as u32) });
        if jumps_here && !self.reachable && self.labelled < self.instructions.len() {
            self.take_back();
        }
        self.labelled = self.instructions.len();
        if let (Some(depth), false) = (depth, self.reachable) {
            self.depth = depth;
            self.reachable = true;
        }
        if let Some(placed) = self.labels.get_mut(label.0) {
            *placed = (Some(self.labelled as u32), Some(self.depth));
        }
    }

    /// Appends a jump. `jump` makes the instruction of its target; `change` is what it takes from the stack.
    pub(super) fn jump(&mut self, label: Label, change: i32, jump: impl FnOnce(Target) -> Instruction) {
        if !self.reachable {
            return;
        }
        // The target is the label's number until all labels are placed.
        self.emit(jump(Target(label.0 as u32)), change);
        if let Some((_, depth)) = self.labels.get_mut(label.0) {
            debug_assert!(depth.is_none_or(|depth| depth == self.depth), "paths meet at different depths");
            *depth = Some(self.depth);
        }
    }

    /// Execution does not go on behind the last instruction.
    pub(super) fn end_path(&mut self) {
        self.reachable = false;
    }

    /// The instructions with the indexes of instructions as targets, the lines, and the deepest stack; or where the
    /// stack becomes too deep.
    pub(super) fn finish(&mut self) -> Result<(Vec<Instruction>, Vec<Line>, u16), usize> {
        let Code { instructions, lines, labels, deepest, too_deep, place, .. } = self;
        if let Some(place) = too_deep {
            return Err(*place);
        }
        for instruction in &mut *instructions {
            let place = |label: Target| {
                let place = labels.get(label.0 as usize).and_then(|(place, _)| *place);
                Target(place.unwrap_or(label.0))
            };
            match instruction {
                Instruction::Jump { target } | Instruction::JumpFalse { target } | Instruction::JumpTrue { target } => {
                    *target = place(*target)
                }
                _ => {}
            }
        }
        Ok((instructions.clone(), lines.clone(), u16::try_from(*deepest).map_err(|_| *place)?))
    }
}
