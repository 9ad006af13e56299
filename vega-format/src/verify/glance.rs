//! Most functions are ordinary, and one walk over their bytes is enough to see that nothing is wrong with them.
//!
//! Guarantees: what is accepted here all passes accept, with the same summary and no certain trap. It never refuses: what
//! it does not see at once (a fault, a trap that may be certain, an arena with holes or with a dynamic layout, an
//! instruction that is not named here) it leaves to the passes, which judge the function from the start. So it holds no
//! words and no rule of its own, only the part of theirs that compiled code needs.
//!
//! Bytes are never freed here but from the end of an arena, so a state of the arenas is what was put into them, one after
//! another. Each such state is a [`Node`] and is made once; paths that meet must meet in the same node.

use super::bounds::array_of;
use super::cells::{CellTable, PAYLOAD, UNION_TAG, UNION_VALUE, VIEW};
use super::meter::Meter;
use super::module::Uses;
use super::{MOST_OPEN, frame_bytes};
use crate::container::SlotKind;
use crate::container::functions::Bare;
use crate::instruction::{Instruction, LOCAL, Often, Plain, STRING, Slot, Static, brief};
use crate::parsed::{CallTarget, Parsed};
use crate::proof::{CallSite, Summaries, Summary};
use crate::stencil::{StencilTable, TypeRef};
use crate::types::Tag;

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
}

/// What is used for one function after another.
#[derive(Debug)]
pub(super) struct Glance {
    /// The types of the cells on the stack, and where each was pushed.
    stack: [u32; 256],
    from: [u32; 256],
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
    pub(super) fn look(
        &mut self,
        parsed: &Parsed<'_>,
        cells: &CellTable,
        index: u32,
        work: u64,
        uses: &mut Uses,
        summaries: &mut Summaries,
    ) -> Option<u64> {
        let function = parsed.bare_function(index)?;
        let seen = self.walk(parsed, cells, index, &function, work, uses, summaries);
        if seen.is_none() {
            summaries.drop_calls();
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
        summaries: &mut Summaries,
    ) -> Option<u64> {
        let Bare { signature, max_stack, limit, slots, code } = *function;
        let (parameters, result) = cells.codes(signature)?;
        let has_codes = |codes: &[u32]| codes.iter().all(|code| *code != 0);
        if usize::from(max_stack) > MOST_CELLS
            || slots.len() > MOST_SLOTS
            || code.len() > MOST_CODE
            || !has_codes(parameters)
            || !has_codes(result)
        {
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
        look.run(index, code, uses, summaries)?;
        let Look { most_open, unresolved, work: other, .. } = look;
        let instructions = self.trail.len();
        let mut meter = Meter::new(instructions + slots.len(), work);
        meter.charge(instructions as u64 + other, 0).ok()?;
        let frame = frame_bytes(parameters.len(), max_stack);
        summaries.add(Summary { frame, most_open, calls: &[], limit, unresolved, may_run_out: None });
        Some(meter.used())
    }
}

impl Look<'_> {
    fn run(&mut self, index: u32, code: &[u8], uses: &mut Uses, summaries: &mut Summaries) -> Option<()> {
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
            self.glance.trail.push(Stop { offset: self.at, node: self.here, top: self.top });
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
                    self.call_function(index, four(operands)?, summaries)?;
                    continue;
                }
                Often::Return => {
                    self.give_result()?;
                    reached = false;
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
                Instruction::JumpFalse { target } | Instruction::JumpTrue { target } => {
                    self.take(Tag::Bool)?;
                    self.jump(target.0)?;
                }
                Instruction::Jump { target } => {
                    self.jump(target.0)?;
                    reached = false;
                }
                Instruction::Return {} => {
                    self.give_result()?;
                    reached = false;
                }
                Instruction::StackAlloc { capacity } => self.open(capacity.0)?,
                Instruction::StackFree {} => {
                    self.no_locals()?;
                    if self.node.open == 0 {
                        return None;
                    }
                    self.go_to(self.node.outside)?;
                }
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

    // The stack.

    #[allow(clippy::indexing_slicing, reason = "a byte into 256 places")]
    #[inline(always)]
    fn cell(&self, place: u8) -> u32 {
        self.glance.stack[usize::from(place)]
    }

    #[inline(always)]
    fn plain(&mut self, plain: &Plain) -> Option<()> {
        let pair = u64::from(self.cell(self.top)) | u64::from(self.cell(self.top.wrapping_sub(1))) << 32;
        if pair & plain.mask != plain.wanted {
            return None;
        }
        self.top = self.top.wrapping_sub(plain.pops);
        if plain.left != 0 {
            self.push(plain.left)?;
        }
        Some(())
    }

    #[inline(always)]
    fn push(&mut self, code: u32) -> Option<()> {
        if self.top >= self.limit {
            return None;
        }
        self.top += 1;
        let place = usize::from(self.top);
        #[allow(clippy::indexing_slicing, reason = "a byte into 256 places")]
        {
            self.glance.stack[place] = code;
            self.glance.from[place] = self.at;
        }
        Some(())
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<u32> {
        let code = self.cell(self.top);
        if code == 0 {
            return None;
        }
        self.top -= 1;
        Some(code)
    }

    #[inline(always)]
    fn take(&mut self, tag: Tag) -> Option<()> {
        (self.pop()? == u32::from(tag.number())).then_some(())
    }

    fn take_integer(&mut self) -> Option<()> {
        let code = self.pop()?;
        [Tag::Byte, Tag::Short, Tag::Int, Tag::Long].iter().any(|tag| u32::from(tag.number()) == code).then_some(())
    }

    /// A view of a part, local or not.
    fn push_view(&mut self, part: TypeRef, local: u32) -> Option<()> {
        let (element, _) = self.stencils.viewed(part);
        self.push(VIEW | local | element.number().checked_mul(1 << PAYLOAD)?)
    }

    /// Drops cells beneath others; none of the two groups begins inside a union.
    fn slide(&mut self, keep: u8, drop: u8) -> Option<()> {
        let last_dropped = self.top.checked_sub(keep)?;
        let left = last_dropped.checked_sub(drop).filter(|left| *left >= BOTTOM - 1)?;
        let splits = |place: u8| place <= self.top && self.cell(place) & 0xFF == UNION_TAG;
        if splits(last_dropped + 1) || splits(left + 1) {
            return None;
        }
        let kept = last_dropped + 1..=self.top;
        self.top = left;
        // Each moves down, so none is overwritten before it is read.
        kept.into_iter().try_for_each(|place| self.push(self.cell(place)))
    }

    fn static_leaf(&self, block: Static, offset: u32, tag: Tag) -> Option<()> {
        let block = self.parsed.static_block(block.0.into())?;
        (block.leaf(self.stencils, offset)? == tag).then_some(())
    }

    fn take_string(&mut self) -> Option<()> {
        (self.pop()? & !LOCAL == STRING).then_some(())
    }

    /// A view: the type of its elements, and its code.
    fn take_view(&mut self) -> Option<(TypeRef, u32)> {
        let code = self.pop()?;
        let element = TypeRef::from_number(code >> PAYLOAD)?;
        (code & 0xFF & !LOCAL == VIEW).then_some((element, code))
    }

    /// The cells on the stack.
    fn stack(&self) -> &[u32] {
        self.glance.stack.get(usize::from(BOTTOM)..=usize::from(self.top)).unwrap_or_default()
    }

    fn no_locals(&self) -> Option<()> {
        self.stack().iter().all(|code| code & LOCAL == 0).then_some(())
    }

    fn load_cell(&mut self, cell: u16) -> Option<()> {
        let cell = usize::from(cell);
        let code = match cell.checked_sub(self.parameters.len()) {
            None => *self.parameters.get(cell)?,
            Some(height) => *self.stack().get(height)?,
        };
        match code & 0xFF {
            UNION_TAG => None,
            UNION_VALUE => {
                self.push(code)?;
                self.push(code ^ UNION_VALUE ^ UNION_TAG)
            }
            _ => self.push(code),
        }
    }

    /// Takes cells that must have these types, and says whether a local view is among them.
    fn take_all(&mut self, codes: &[u32]) -> Option<bool> {
        let there = self.stack();
        let found = there.get(there.len().checked_sub(codes.len())?..)?;
        let mut local = 0;
        for (found, wanted) in found.iter().zip(codes) {
            if *wanted == 0 || found & !LOCAL != *wanted {
                return None;
            }
            local |= found & LOCAL;
        }
        self.top -= codes.len() as u8;
        Some(local != 0)
    }

    fn call(&mut self, (parameters, result): (&[u32], &[u32])) -> Option<()> {
        let local = self.take_all(parameters)?;
        for code in result {
            // A string that comes back may be one that went in.
            self.push(if *code == STRING && local { STRING | LOCAL } else { *code })?;
            if *code == 0 {
                return None;
            }
        }
        Some(())
    }

    fn give_result(&mut self) -> Option<()> {
        (!self.take_all(self.result)? && self.node.open == 0).then_some(())
    }

    fn call_function(&mut self, caller: u32, function: u32, summaries: &mut Summaries) -> Option<()> {
        let signature = self.parsed.signature_number(function)?;
        let codes = match self.parsed.call_target(caller, self.at, function) {
            CallTarget::Function(callee) => {
                summaries.add_call(CallSite { offset: self.at, open: self.node.open_bytes, callee });
                self.cells.codes(signature)?
            }
            CallTarget::Import(import) => {
                self.unresolved = self.unresolved.or(Some(self.at));
                self.cells.import_codes(import)?
            }
        };
        self.call(codes)
    }

    // Where paths meet.

    fn jump(&mut self, offset: u32) -> Option<()> {
        if offset <= self.at { self.jump_back(offset) } else { self.come_to(offset) }
    }

    /// A jump to where the walk has been: the stack must be as deep as it was, with the cells that lay there then, and
    /// nothing may have been put into the arenas.
    fn jump_back(&mut self, offset: u32) -> Option<()> {
        let place = self.glance.trail.binary_search_by_key(&offset, |stop| stop.offset).ok()?;
        let stop = self.glance.trail.get(place)?;
        let cells = self.glance.from.get(usize::from(BOTTOM)..=usize::from(self.top)).unwrap_or_default();
        let depth = cells.len();
        let same = stop.node == self.here && stop.top == self.top && cells.iter().all(|from| *from < offset);
        same.then_some(())?;
        self.charge(depth)
    }

    /// Counts work beside walking. What needs much of it is not ordinary.
    fn charge(&mut self, units: usize) -> Option<()> {
        self.work += 1 + units as u64;
        (self.work <= 16 * (self.glance.trail.len() as u64 + 64)).then_some(())
    }

    /// A path comes to a target that stands further on.
    fn come_to(&mut self, offset: u32) -> Option<()> {
        // The nearest is the last, and most jumps are short.
        let place = self.glance.targets.iter().rposition(|target| target.offset >= offset).map_or(0, |place| place + 1);
        let depth = self.top - (BOTTOM - 1);
        self.charge(self.glance.targets.len() - place + usize::from(depth))?;
        let (here, stored) = (self.here, self.stored);
        let Glance { stack, targets, kept, .. } = &mut *self.glance;
        let found = stack.get(usize::from(BOTTOM)..).and_then(|cells| cells.get(..usize::from(depth)))?;
        if let Some(target) = place.checked_sub(1).and_then(|place| targets.get_mut(place))
            && target.offset == offset
        {
            target.stored |= stored;
            if target.node != here || target.depth != depth {
                return None;
            }
            // Mostly there is nothing to compare, which is no call of a function that compares memory.
            let there = kept.get(target.stack as usize..)?;
            return (depth == 0 || there.get(..found.len())? == found).then_some(());
        }
        self.next_target = self.next_target.min(offset);
        targets.insert(place, Target { offset, depth, stack: kept.len() as u32, node: here, stored });
        kept.extend_from_slice(found);
        (kept.len() <= MOST_KEPT && targets.len() <= MOST_KEPT).then_some(())
    }

    /// The walk is at the next target, or has gone past it.
    fn arrive(&mut self, reached: bool) -> Option<()> {
        if reached {
            self.come_to(self.at)?;
        }
        let Target { offset, depth, stack, node, stored } = self.glance.targets.pop()?;
        self.next_target = self.glance.targets.last().map_or(u32::MAX, |target| target.offset);
        if offset != self.at {
            return None;
        }
        self.stored = stored;
        if !reached {
            self.top = BOTTOM - 1;
            for place in 0..usize::from(depth) {
                let code = *self.glance.kept.get(stack as usize + place)?;
                self.push(code)?;
            }
            self.go_to(node)?;
        }
        Some(())
    }

    // The arenas.

    #[inline]
    fn kind(&self, slot: Slot) -> Option<SlotKind> {
        self.slots.get(usize::from(slot.0)).copied()
    }

    /// The type of a slot that is there and is a struct, tuple or array.
    fn stencil(&self, slot: Slot) -> Option<TypeRef> {
        self.is_live(slot)?;
        match self.kind(slot)? {
            SlotKind::Stencil(type_ref) => Some(type_ref),
            _ => None,
        }
    }

    /// The type of the elements of a slot that is there and is an array.
    fn element(&self, slot: Slot) -> Option<TypeRef> {
        self.is_live(slot)?;
        array_of(self.stencils, self.kind(slot)?)
    }

    fn field(&self, type_ref: TypeRef, offset: u32, tag: Tag) -> Option<()> {
        (self.stencils.leaf(type_ref, offset)? == tag).then_some(())
    }

    #[inline]
    fn is_live(&self, slot: Slot) -> Option<()> {
        (self.node.live & bit(slot) != 0).then_some(())
    }

    #[inline]
    fn load(&mut self, slot: Slot) -> Option<()> {
        self.is_live(slot)?;
        match self.kind(slot)? {
            SlotKind::Alias(tag) => self.push(tag.number().into()),
            // Where no path has stored anything, it is a certain trap.
            SlotKind::Variable(mask) if self.stored & bit(slot) != 0 => match mask.is_single() {
                Some(tag) => self.push(tag.number().into()),
                None => {
                    let mask = u32::from(mask.bits()) << PAYLOAD;
                    self.push(UNION_VALUE | mask)?;
                    self.push(UNION_TAG | mask)
                }
            },
            _ => None,
        }
    }

    #[inline]
    fn store(&mut self, slot: Slot) -> Option<()> {
        self.is_live(slot)?;
        let found = self.pop()?;
        let tag = u8::try_from(found).ok().and_then(Tag::from_number);
        match (self.kind(slot)?, tag) {
            (SlotKind::Alias(wanted), Some(tag)) if tag == wanted => {}
            (SlotKind::Variable(mask), Some(tag)) if mask.contains(tag) => {}
            (SlotKind::Variable(mask), None) if found == UNION_TAG | u32::from(mask.bits()) << PAYLOAD => {
                self.pop()?;
            }
            _ => return None,
        }
        self.stored |= bit(slot);
        Some(())
    }

    /// Makes a new state the present one.
    fn add(&mut self, node: Node) -> Option<()> {
        self.here = self.glance.nodes.len() as u32;
        self.glance.nodes.push(node);
        self.node = node;
        (self.glance.nodes.len() <= MOST_KEPT).then_some(())
    }

    fn go_to(&mut self, node: u32) -> Option<()> {
        self.here = node;
        self.node = *self.glance.nodes.get(node as usize)?;
        Some(())
    }

    fn open(&mut self, capacity: u32) -> Option<()> {
        let before = self.node;
        if capacity > StencilTable::MOST_BYTES || usize::from(before.open) >= MOST_OPEN {
            return None;
        }
        let open_bytes = before.open_bytes + u64::from(capacity);
        if open_bytes > self.most_open.0 {
            self.most_open = (open_bytes, self.at);
        }
        self.add(Node {
            before: self.here,
            outside: self.here,
            last: None,
            open: before.open + 1,
            open_bytes,
            capacity,
            taken: 0,
            live: before.live,
            live_outside: before.live,
        })
    }

    /// Puts a slot behind the others in the innermost arena.
    fn put(&mut self, slot: Slot, size: u32) -> Option<()> {
        let before = self.node;
        let taken = before.taken.checked_add(size)?;
        if before.open == 0 || before.live & bit(slot) != 0 || taken > before.capacity {
            return None;
        }
        self.stored &= !bit(slot);
        let last = u8::try_from(slot.0).ok();
        self.add(Node { before: self.here, last, taken, live: before.live | bit(slot), ..before })
    }

    /// Takes away the slot that was put there last.
    fn drop_last(&mut self, slot: Slot) -> Option<()> {
        if self.node.last.map(u16::from) != Some(slot.0) {
            return None;
        }
        self.go_to(self.node.before)
    }

    /// Makes an alias in the innermost arena; `constant` is the one on the stack, if that is known.
    fn point(&mut self, slot: Slot, tag: Tag, constant: Option<u32>) -> Option<()> {
        if self.node.open == 0 || self.kind(slot)? != SlotKind::Alias(tag) {
            return None;
        }
        self.take_integer()?;
        if let Some(constant) = constant {
            let start = u32::try_from(self.parsed.integer_constant(constant)?).ok()?;
            if start.checked_add(tag.size())? > self.node.capacity {
                return None;
            }
        }
        let (is_live, is_outside) = (self.node.live & bit(slot) != 0, self.node.live_outside & bit(slot) != 0);
        match (is_live, is_outside) {
            (true, true) => None,
            // It points elsewhere in the same arena.
            (true, false) => Some(()),
            (false, _) => self.put(slot, 0),
        }
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

/// The bit of a slot; a slot that an ordinary function cannot have has none.
#[inline]
fn bit(slot: Slot) -> u64 {
    1u64.checked_shl(slot.0.into()).unwrap_or(0)
}
