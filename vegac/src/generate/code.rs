//! The code of one function as it grows: labels, the depth of the stack, lines, and whether this place is reached.
//!
//! Behind a jump or a return nothing is written until a label stands there to which something jumps.

use vega_format::container::Line;
use vega_format::instruction::{Effect, Instruction, Target};

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
}

impl Code {
    /// No code yet; the stack may be `most` cells deep.
    pub(super) fn begin(self, most: u32) -> Code {
        let Code { mut instructions, mut lines, mut labels, .. } = self;
        instructions.clear();
        lines.clear();
        labels.clear();
        Code { instructions, lines, labels, most, reachable: true, ..Code::default() }
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
        self.depth = self.depth.saturating_add_signed(change);
        self.deepest = self.deepest.max(self.depth);
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

    pub(super) fn new_label(&mut self) -> Label {
        self.labels.push((None, None));
        Label(self.labels.len() - 1)
    }

    /// The label stands here. Something that was to jump here from above has done so already.
    pub(super) fn place(&mut self, label: Label) {
        let here = self.instructions.len() as u32;
        let Some((place, depth)) = self.labels.get_mut(label.0) else { return };
        *place = Some(here);
        match depth {
            Some(depth) if !self.reachable => {
                self.depth = *depth;
                self.reachable = true;
            }
            _ if self.reachable => *depth = Some(self.depth),
            _ => {}
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
