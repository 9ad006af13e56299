//! The code of one function as it grows: labels, the depth of the stack, lines, and whether this place is reached.
//!
//! Behind a jump or a return nothing is written until a label stands there to which something jumps. What is computed of
//! constants alone is a constant, and a jump to what follows it is none.

use vega_format::compute::compute;
use vega_format::container::Line;
use vega_format::instruction::{Constant, Effect, Instruction, Space, Target};
use vega_format::types::Tag;

/// A place to jump to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label(usize);

/// A jump, of which the target is put in when all labels are placed.
#[derive(Debug)]
struct Jump {
    /// Where it stands, and where its target does.
    start: usize,
    target: usize,
    label: Label,
    /// Whether it jumps on all conditions.
    always: bool,
}

impl Jump {
    /// The target is all that stands in it.
    fn end(&self) -> usize {
        self.target + size_of::<u32>()
    }
}

/// The code of a function. It is used for one after another, so that it need not grow each time.
#[derive(Debug, Default)]
pub(super) struct Code {
    bytes: Vec<u8>,
    jumps: Vec<Jump>,
    lines: Vec<Line>,
    line: u32,
    /// Where what is emitted comes from.
    place: usize,
    /// The offset of each label once it is placed, and the depth of the stack there once something jumps to it.
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
        let Code { mut bytes, mut jumps, mut lines, mut labels, mut known, .. } = self;
        bytes.clear();
        jumps.clear();
        lines.clear();
        labels.clear();
        known.clear();
        Code { bytes, jumps, lines, labels, known, most, reachable: true, ..Code::default() }
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
            self.lines.push(Line { offset: self.bytes.len() as u32, line: self.line });
        }
        instruction.encode(&mut self.bytes);
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
        (first..self.known.len()).for_each(|_| self.take_back_constant());
        self.known.truncate(first);
        self.depth -= pops.len() as u32;
        Some((tag, cell))
    }

    /// The constant on top of the stack, which is then taken away.
    pub(super) fn take_known(&mut self) -> Option<u64> {
        let cell = self.known.pop()?;
        self.take_back_constant();
        self.depth -= 1;
        Some(cell)
    }

    /// The last instruction, which pushes a constant, is none.
    fn take_back_constant(&mut self) {
        let width = Instruction::LoadConst { index: Constant(0) }.width();
        self.take_back(self.bytes.len().saturating_sub(width));
    }

    /// The last instruction, which starts there, is none.
    fn take_back(&mut self, start: usize) {
        self.bytes.truncate(start);
        self.lines.pop_if(|last| last.offset as usize >= start);
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
        if !self.reachable && self.labelled < self.bytes.len() {
            let jumps_here = |last: &mut Jump| last.always && last.label == label && last.end() == self.bytes.len();
            if let Some(jump) = self.jumps.pop_if(jumps_here) {
                self.take_back(jump.start);
            }
        }
        self.labelled = self.bytes.len();
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
        let instruction = jump(Target(label.0 as u32));
        let start = self.bytes.len();
        let target = start + instruction.row().operand_at(Space::Code).unwrap_or_default();
        self.jumps.push(Jump { start, target, label, always: matches!(instruction, Instruction::Jump { .. }) });
        self.emit(instruction, change);
        if let Some((_, depth)) = self.labels.get_mut(label.0) {
            debug_assert!(depth.is_none_or(|depth| depth == self.depth), "paths meet at different depths");
            *depth = Some(self.depth);
        }
    }

    /// Execution does not go on behind the last instruction.
    pub(super) fn end_path(&mut self) {
        self.reachable = false;
    }

    /// Puts the targets into the jumps; gives how deep the stack becomes, or where it becomes too deep.
    pub(super) fn finish(&mut self) -> Result<u16, usize> {
        let Code { bytes, jumps, labels, deepest, too_deep, place, .. } = self;
        if let Some(place) = too_deep {
            return Err(*place);
        }
        for Jump { target, label, .. } in jumps {
            let placed = labels.get(label.0).and_then(|(placed, _)| *placed);
            let target = bytes.get_mut(*target..).and_then(|bytes| bytes.first_chunk_mut());
            if let (Some(placed), Some(target)) = (placed, target) {
                *target = placed.to_le_bytes();
            }
        }
        u16::try_from(*deepest).map_err(|_| *place)
    }

    /// The code as it stands in the file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// From which lines it comes, by offset.
    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }
}
