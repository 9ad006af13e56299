//! Most functions are ordinary, and one walk over their bytes is enough to see that nothing is wrong with them.
//!
//! Guarantees: what is accepted here all passes accept, with the same summary and no certain trap. It never refuses: what
//! it does not see at once (a fault, a trap that may be certain, an arena with holes or with a dynamic layout, an
//! instruction that is not named here) it leaves to the passes, which judge the function from the start. So it holds no
//! words and no rule of its own, only the part of theirs that compiled code needs.
//!
//! Bytes are never freed here but from the end of an arena, so a state of the arenas is what was put into them, one after
//! another. Each such state is a [`Node`] and is made once; paths that meet must meet in the same node.

mod arenas;
mod paths;
mod stack;

use super::cells::{CellTable, PAYLOAD, UNION_TAG, VIEW};
use super::frame_bytes;
use super::meter::Meter;
use super::module::Uses;
use crate::container::SlotKind;
use crate::container::functions::Bare;
use crate::instruction::{Instruction, LOCAL, Often, STRING, Slot, brief};
use crate::parsed::Parsed;
use crate::proof::{Part, Summary};
use crate::stencil::StencilTable;
use crate::types::Tag;
use alloc::vec::Vec;

/// So many cells may lie on the stack of an ordinary function, and so many slots may it have.
const MOST_CELLS: usize = 200;
const MOST_SLOTS: usize = u64::BITS as usize;

/// So much code it may have, and so many targets, cells at targets and states of arenas are kept of it.
const MOST_CODE: usize = 1 << 18;
const MOST_KEPT: usize = 1 << 14;

/// The cell on the bottom; those beneath it are of no type.
const BOTTOM: u8 = 2;

/// A state of the arenas. Slots are bits.
#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// The state before the last thing was put there, and the state before the innermost arena was opened.
    before: u32,
    outside: u32,
    /// The slot that was put there last; none if that was an arena.
    last: Option<u8>,
    /// Arenas that are open, and their bytes.
    open: u16,
    open_bytes: u64,
    /// Of the innermost arena: its bytes, and how many are taken.
    capacity: u32,
    taken: u32,
    /// The slots that are there, and those of them that are outside of the innermost arena.
    live: u64,
    live_outside: u64,
}

/// The target of a jump that stands further on, and what comes to it.
#[derive(Debug, Clone, Copy)]
struct Target {
    offset: u32,
    depth: u8,
    /// Where its stack is kept.
    stack: u32,
    node: u32,
    /// The slots that hold a value on some path.
    stored: u64,
}

/// Where the walk has been, and how things were before the instruction there.
#[derive(Debug, Clone, Copy)]
struct Stop {
    offset: u32,
    node: u32,
    top: u8,
    /// How many cells had been pushed.
    pushed: u32,
}

/// What is used for one function after another.
#[derive(Debug)]
pub(super) struct Glance {
    /// The types of the cells on the stack, and which push of the walk each comes from.
    stack: [u32; 256],
    from: [u32; 256],
    /// All pushes of the walk: the place and the type. The last one to a place is what lies there.
    pushes: Vec<(u8, u32)>,
    /// Further on, the next one last.
    targets: Vec<Target>,
    /// The stacks at targets, one after another.
    kept: Vec<u32>,
    nodes: Vec<Node>,
    trail: Vec<Stop>,
}

impl Default for Glance {
    fn default() -> Glance {
        Glance {
            stack: [0; 256],
            from: [0; 256],
            pushes: Vec::new(),
            targets: Vec::new(),
            kept: Vec::new(),
            nodes: Vec::new(),
            trail: Vec::new(),
        }
    }
}

/// A function that is looked at.
struct Look<'p> {
    parsed: &'p Parsed<'p>,
    stencils: &'p StencilTable,
    cells: &'p CellTable,
    slots: &'p [SlotKind],
    parameters: &'p [u32],
    result: &'p [u32],
    glance: &'p mut Glance,
    /// Where the walk is, and the next target; if there is none, the greatest number.
    at: u32,
    next_target: u32,
    /// The top of the stack, and how far it may go.
    top: u8,
    limit: u8,
    here: u32,
    node: Node,
    stored: u64,
    most_open: (u64, u32),
    unresolved: Option<u32>,
    /// Work that was done beside walking.
    work: u64,
}

impl Glance {
    /// Looks at a function. If it is ordinary its summary is added, and the units of work are given.
    #[allow(clippy::too_many_arguments, reason = "what is read, and what is added to")]
    pub(super) fn look(
        &mut self,
        parsed: &Parsed<'_>,
        cells: &CellTable,
        index: u32,
        function: &Bare<'_>,
        work: u64,
        uses: &mut Uses,
        part: &mut Part,
    ) -> Option<u64> {
        let seen = self.walk(parsed, cells, index, function, work, uses, part);
        if seen.is_none() {
            part.drop_calls();
        }
        seen
    }

    #[allow(clippy::too_many_arguments, reason = "what is read, and what is added to")]
    fn walk(
        &mut self,
        parsed: &Parsed<'_>,
        cells: &CellTable,
        index: u32,
        function: &Bare<'_>,
        work: u64,
        uses: &mut Uses,
        part: &mut Part,
    ) -> Option<u64> {
        let Bare { signature, max_stack, limit, slots, code } = *function;
        let (parameters, result) = cells.codes(signature)?;
        if usize::from(max_stack) > MOST_CELLS || slots.len() > MOST_SLOTS || code.len() > MOST_CODE {
            return None;
        }
        let stencils = parsed.stencils();
        let exists = |slot: &SlotKind| match slot {
            SlotKind::Variable(mask) => !mask.is_empty(),
            SlotKind::Stencil(type_ref) => stencils.size(*type_ref) > 0,
            SlotKind::Alias(_) => true,
        };
        if !slots.iter().all(exists) {
            return None;
        }
        self.nodes.clear();
        self.nodes.push(Node::default());
        self.targets.clear();
        self.kept.clear();
        self.trail.clear();
        self.pushes.clear();
        let mut look = Look {
            parsed,
            stencils,
            cells,
            slots,
            parameters,
            result,
            glance: self,
            at: 0,
            next_target: u32::MAX,
            top: BOTTOM - 1,
            limit: BOTTOM - 1 + max_stack as u8,
            here: 0,
            node: Node::default(),
            stored: 0,
            most_open: (0, 0),
            unresolved: None,
            work: 0,
        };
        look.run(index, code, uses, part)?;
        let Look { most_open, unresolved, work: other, .. } = look;
        let instructions = self.trail.len();
        let mut meter = Meter::new(instructions + slots.len(), work);
        meter.charge(instructions as u64 + other, 0).ok()?;
        let frame = frame_bytes(parameters.len(), max_stack);
        part.add(Summary { frame, most_open, calls: &[], limit, unresolved, may_run_out: None });
        Some(meter.used())
    }
}

impl Look<'_> {
    fn run(&mut self, index: u32, code: &[u8], uses: &mut Uses, part: &mut Part) -> Option<()> {
        let mut lines = self.parsed.lines(index).map(|line| line.offset as usize).fuse();
        let mut line = lines.next().unwrap_or(usize::MAX);
        let mut reached = true;
        let mut at = 0;
        // The constant that the instruction before has pushed.
        let mut constant = None;
        while let Some(number) = code.get(at) {
            // Lines belong to instructions.
            if at >= line {
                if at > line {
                    return None;
                }
                line = lines.next().unwrap_or(usize::MAX);
            }
            self.at = at as u32;
            if self.at >= self.next_target {
                self.arrive(reached)?;
                reached = true;
            } else if !reached {
                return None;
            }
            let pushed = self.glance.pushes.len() as u32;
            self.glance.trail.push(Stop { offset: self.at, node: self.here, top: self.top, pushed });
            let brief = brief(*number);
            let before = constant.take();
            if let Some(plain) = &brief.plain {
                self.plain(plain)?;
                at += 1;
                continue;
            }
            let operands = code.get(at + 1..)?;
            at += usize::from(brief.width);
            match brief.often {
                Often::Constant => {
                    let index = four(operands)?;
                    let tag = self.parsed.constant_tag(index)?;
                    uses.add_constant(index);
                    self.push(tag.map_or(STRING, |tag| tag.number().into()))?;
                    constant = Some(index);
                    continue;
                }
                Often::Load => {
                    self.load(Slot(two(operands)?))?;
                    continue;
                }
                Often::Store => {
                    self.store(Slot(two(operands)?))?;
                    continue;
                }
                Often::Cell => {
                    self.load_cell(two(operands)?)?;
                    continue;
                }
                Often::Call => {
                    self.call_function(index, four(operands)?, part)?;
                    continue;
                }
                Often::Return => {
                    self.give_result()?;
                    reached = false;
                    continue;
                }
                Often::Branch => {
                    self.take(Tag::Bool)?;
                    self.jump(four(operands)?)?;
                    continue;
                }
                Often::Jump => {
                    self.jump(four(operands)?)?;
                    reached = false;
                    continue;
                }
                Often::EndArena => {
                    self.no_locals()?;
                    if self.node.open == 0 {
                        return None;
                    }
                    self.go_to(self.node.outside)?;
                    continue;
                }
                Often::Other => {}
            }
            let (instruction, _) = Instruction::decode(code.get(self.at as usize..)?).ok()?;
            match instruction {
                Instruction::CallNat { import } => {
                    if import.0 >= self.parsed.host_import_count() {
                        return None;
                    }
                    uses.add(&instruction);
                    self.call(self.cells.import_codes(import.0)?)?;
                }
                Instruction::StackAlloc { capacity } => self.open(capacity.0)?,
                Instruction::VarAlloc { slot, mask } => match self.kind(slot)? {
                    SlotKind::Variable(declared) if declared == mask => self.put(slot, mask.size())?,
                    _ => return None,
                },
                Instruction::StencilAlloc { slot, size } => match self.kind(slot)? {
                    SlotKind::Stencil(type_ref) if self.stencils.size(type_ref) == size.0 => self.put(slot, size.0)?,
                    _ => return None,
                },
                Instruction::VarPtr { slot, tag } => self.point(slot, tag, before)?,
                Instruction::VarFree { slot } => {
                    self.no_locals()?;
                    self.is_live(slot)?;
                    match self.kind(slot)? {
                        SlotKind::Variable(_) | SlotKind::Stencil(_) => self.drop_last(slot)?,
                        SlotKind::Alias(_) => return None,
                    }
                }
                Instruction::VarDrop { slot } => {
                    self.no_locals()?;
                    self.kind(slot)?;
                    if self.is_live(slot).is_some() {
                        self.drop_last(slot)?;
                    }
                }
                Instruction::FieldLoad { slot, offset, tag } => {
                    self.field(self.stencil(slot)?, offset.0, tag)?;
                    self.push(tag.number().into())?;
                }
                Instruction::FieldStore { slot, offset, tag } => {
                    self.field(self.stencil(slot)?, offset.0, tag)?;
                    self.take(tag)?;
                }
                Instruction::ElemLoad { slot, offset, tag } => {
                    self.field(self.element(slot)?, offset.0, tag)?;
                    self.take_integer()?;
                    self.push(tag.number().into())?;
                }
                Instruction::ElemStore { slot, offset, tag } => {
                    self.field(self.element(slot)?, offset.0, tag)?;
                    self.take(tag)?;
                    self.take_integer()?;
                }
                Instruction::ArrayView { slot } => {
                    let element = self.element(slot)?.number().checked_mul(1 << PAYLOAD)?;
                    self.push(VIEW | LOCAL | element)?;
                }
                Instruction::FieldView { slot, offset, depth } => {
                    let part = self.stencils.part_at(self.stencil(slot)?, offset.0, depth.0)?;
                    self.push_view(part, LOCAL)?;
                }
                Instruction::ViewField { offset, depth } => {
                    self.take_integer()?;
                    let (element, view) = self.take_view()?;
                    let part = self.stencils.part_at(element, offset.0, depth.0)?;
                    self.push_view(part, view & LOCAL)?;
                }
                Instruction::ViewCopy {} => {
                    let (destination, _) = self.take_view()?;
                    let (source, _) = self.take_view()?;
                    if source != destination {
                        return None;
                    }
                }
                Instruction::StackSlide { keep, drop } => self.slide(keep.0, drop.0)?,
                Instruction::StaticLoad { block, offset, tag } => {
                    uses.add(&instruction);
                    self.static_leaf(block, offset.0, tag)?;
                    self.push(tag.number().into())?;
                }
                Instruction::StaticStore { block, offset, tag } => {
                    uses.add(&instruction);
                    self.static_leaf(block, offset.0, tag)?;
                    self.take(tag)?;
                }
                Instruction::StaticView { block, offset, depth } => {
                    uses.add(&instruction);
                    let block = self.parsed.static_block(block.0.into())?;
                    self.push_view(block.part_at(self.stencils, offset.0, depth.0)?, 0)?;
                }
                Instruction::ViewLoad { offset, tag } => {
                    self.take_integer()?;
                    let (element, _) = self.take_view()?;
                    self.field(element, offset.0, tag)?;
                    self.push(tag.number().into())?;
                }
                Instruction::ViewStore { offset, tag } => {
                    self.take(tag)?;
                    self.take_integer()?;
                    let (element, _) = self.take_view()?;
                    self.field(element, offset.0, tag)?;
                }
                Instruction::ViewLength {} => {
                    self.take_view()?;
                    self.push(Tag::Int.number().into())?;
                }
                Instruction::ViewSlice {} => {
                    self.take_integer()?;
                    self.take_integer()?;
                    let (_, view) = self.take_view()?;
                    self.push(view)?;
                }
                Instruction::StringByte {} => {
                    self.take_integer()?;
                    self.take_string()?;
                    self.push(Tag::Byte.number().into())?;
                }
                Instruction::StackPop {} => {
                    if self.pop()? & 0xFF == UNION_TAG {
                        self.pop()?;
                    }
                }
                _ => return None,
            }
        }
        let is_over = !reached && at == code.len() && line == usize::MAX && self.glance.targets.is_empty();
        is_over.then_some(())
    }
}

/// The operand of two bytes at the start.
#[inline(always)]
fn two(operands: &[u8]) -> Option<u16> {
    operands.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

/// The operand of four bytes at the start.
#[inline(always)]
fn four(operands: &[u8]) -> Option<u32> {
    operands.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}
