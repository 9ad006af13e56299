//! The expression stack: depth and types at every reachable instruction, and the life of views.
//!
//! Guarantees: every instruction finds the types that it takes; where paths meet the stack is the same; it stays
//! within the declared maximum; a view of this frame's arenas never leaves the frame, and nothing is freed while one
//! lies on the stack; the two cells of a union stay together.
//!
//! One stack walks the blocks. At the ends of blocks it is kept, which costs what has changed since it was kept before.

mod effects;
mod kept;
mod sources;

use super::cells::{CellTable, CellType};
use super::entries::Entries;
use super::meter::Meter;
use super::refusal::{StackEntry, StackSeen};
use super::{Fault, MOST_TRAPS, Workspace};
use crate::container::{Function, SlotKind};
use crate::error::Rule as Broken;
use crate::instruction::{Effect, Instruction, Pattern, Slot};
use crate::parsed::Parsed;
use crate::stencil::TypeRef;
use crate::text::counted;
use crate::trap::Trap;
use crate::types::{Mask, Tag};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use kept::{Kept, Stacks};
use sources::Sources;

/// A cell and the offset of the instruction that left it there; or, of one that was moved and that the block found on the
/// stack, [`Entry::FOUND`] and the place where it lay then. Of those that were not moved their place says that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    cell: CellType,
    from: u32,
}

impl Entry {
    /// No code is so long that an offset has this bit.
    const FOUND: u32 = 1 << 31;

    /// Where the cell came from that lies in a place: the offset of the instruction of the block that left it, or else the
    /// place in which the block found it. `inherited` are the places that the block did not touch.
    fn source(&self, place: usize, inherited: usize) -> Result<u32, usize> {
        match self.from & Entry::FOUND {
            _ if place < inherited => Err(place),
            0 => Ok(self.from),
            _ => Err((self.from & !Entry::FOUND) as usize),
        }
    }
}

/// What the pass keeps from one function to the next, so that it need not be made anew.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    stack: Vec<Entry>,
    stacks: Stacks,
    /// The stack at the start of each block, once a path has come to it.
    entries: Entries,
    work: Vec<u32>,
    above: Vec<CellType>,
}

struct Pass<'p> {
    parsed: &'p Parsed<'p>,
    function: &'p Function<'p>,
    cells: &'p CellTable,
    parameters: &'p [CellType],
    result: &'p [CellType],
    stack: &'p mut Vec<Entry>,
    stacks: &'p mut Stacks,
    /// How many cells lie on it that this block did not push: who left those there depends on the path.
    inherited: usize,
    /// How many local views lie on it.
    locals: usize,
    limit: usize,
    deepest: usize,
    at: u32,
    mnemonic: &'static str,
    /// Cells that were moved in the block.
    moved: u64,
    /// The block that is stepped through.
    block: usize,
    /// Values that are stored where they do not fit, by the offsets of the instructions.
    mismatches: &'p mut Vec<(u32, Trap)>,
    watch: &'p mut Watch,
}

/// What is looked at on the way, when a refusal is told.
#[derive(Debug)]
enum Watch {
    Nothing,
    /// The stack before the instruction at an offset.
    At(u32, Option<Seen>),
    /// Who leaves the cells that were seen.
    Sources(Sources),
    /// The whole stack before every instruction, until there are more cells than were left to tell.
    Every(Vec<(u32, Vec<CellType>)>, Option<usize>),
}

/// The topmost cells of the stack at some place.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) cells: Vec<StackEntry>,
    /// How many lie beneath them.
    pub(super) beneath: usize,
    /// The block there, and in which places those of the cells lay that were on the stack when it was entered.
    block: usize,
    found: Vec<Option<usize>>,
    /// Whether this is what the first path into the block brought.
    is_entry: bool,
    /// The instruction with which a path comes to where paths meet.
    comes_from: Option<(&'static str, u32)>,
    /// Whether it would take too much work to find who left cells there.
    gave_up: bool,
}

impl Seen {
    pub(super) fn told(self) -> StackSeen {
        let Seen { cells, beneath, comes_from, gave_up, .. } = self;
        StackSeen { cells, beneath, comes_from, gave_up }
    }
}

/// The topmost cells of the stack before the instruction at an offset.
pub(super) fn look_at(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    cells: &CellTable,
    workspace: &mut Workspace,
    meter: &mut Meter,
    offset: u32,
) -> Seen {
    match look(parsed, function, cells, workspace, meter, Watch::At(offset, None)) {
        Watch::At(_, Some(seen)) => seen,
        _ => Seen::default(),
    }
}

/// Finds out from where the cells came that the block found on the stack.
pub(super) fn find_sources(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    cells: &CellTable,
    workspace: &mut Workspace,
    meter: &mut Meter,
    seen: &mut Seen,
) {
    if !seen.is_entry && seen.found.iter().all(Option::is_none) {
        return;
    }
    let watch = Watch::Sources(Sources::new(seen));
    let found = look(parsed, function, cells, workspace, meter, watch);
    seen.gave_up = !matches!(&found, Watch::Sources(sources) if !sources.is_full());
    if let Watch::Sources(mut sources) = found {
        if seen.is_entry {
            seen.comes_from = sources.first_into(seen.block).and_then(|offset| instruction_at(function, offset));
        }
        sources.sort();
        let followed = if sources.is_full() { 0 } else { usize::MAX };
        for (cell, place) in seen.cells.iter_mut().zip(&seen.found).take(followed) {
            let Some(place) = place else { continue };
            let offsets = sources.of_cell(seen.block as u32, *place);
            cell.from = offsets.into_iter().filter_map(|offset| instruction_at(function, offset)).collect();
        }
    }
}

/// The stack before every instruction that is reached, as long as there are no more than so many cells; and whether
/// there are more.
pub(super) fn see_all(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    cells: &CellTable,
    workspace: &mut Workspace,
    most: usize,
) -> (Vec<(u32, Vec<CellType>)>, bool) {
    let mut meter = Meter::new(0, u64::MAX);
    match look(parsed, function, cells, workspace, &mut meter, Watch::Every(Vec::new(), Some(most))) {
        Watch::Every(seen, left) => (seen, left.is_none()),
        _ => (Vec::new(), true),
    }
}

fn look(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    cells: &CellTable,
    workspace: &mut Workspace,
    meter: &mut Meter,
    mut watch: Watch,
) -> Watch {
    let mut faults = Vec::new();
    run(parsed, function, cells, workspace, meter, &mut faults, &mut watch);
    // What was seen of a part may be other than what there is.
    if faults.last().is_some_and(|fault| fault.rule == Broken::Work) { Watch::Nothing } else { watch }
}

/// Units of work for a cell that is kept for a place where paths meet, as it takes memory till the end.
const LINK: u64 = 64;
/// So many cells are moved for a unit.
const MOVED: u64 = 16;

/// The mnemonic of an instruction, and its offset.
fn instruction_at(function: &Function<'_>, offset: u32) -> Option<(&'static str, u32)> {
    let (instruction, _) = Instruction::decode(function.code.get(offset as usize..)?).ok()?;
    Some((instruction.row().mnemonic, offset))
}

/// Judges one function. All faults that do not follow from one another are found: in each block that is reached
/// without a fault, the first.
pub(super) fn check(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    cells: &CellTable,
    workspace: &mut Workspace,
    meter: &mut Meter,
    faults: &mut Vec<Fault>,
) -> usize {
    run(parsed, function, cells, workspace, meter, faults, &mut Watch::Nothing)
}

fn run(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    cells: &CellTable,
    workspace: &mut Workspace,
    meter: &mut Meter,
    faults: &mut Vec<Fault>,
    watch: &mut Watch,
) -> usize {
    let Workspace { blocks, mismatches, stack: Buffers { stack, stacks, entries, work, above }, .. } = workspace;
    mismatches.clear();
    stack.clear();
    stacks.clear();
    entries.clear(blocks.len());
    work.clear();
    let (parameters, result) = match cells.function(parsed, function.index) {
        Ok(cells) => cells,
        Err((rule, words)) => {
            faults.push(Fault::new(rule, 0, "", words));
            return 0;
        }
    };
    let limit = usize::from(function.max_stack);
    let mut pass = Pass {
        parsed,
        function,
        cells,
        parameters,
        result,
        stack,
        stacks,
        inherited: 0,
        locals: 0,
        limit,
        deepest: 0,
        at: 0,
        mnemonic: "",
        moved: 0,
        block: 0,
        mismatches,
        watch,
    };
    entries.set(0, 0);
    if !blocks.is_empty() {
        work.push(0);
    }
    while let Some(block) = work.pop() {
        let block = block as usize;
        pass.block = block;
        let changed = pass.restore(entries.get(block).unwrap_or(0), above);
        let instructions = blocks.instructions(function.code, block);
        let outcome = meter.charge(changed as u64, pass.at).and_then(|()| pass.run(instructions, meter));
        let last = match outcome {
            Ok(last) => last,
            Err(fault) => {
                let ends = fault.rule == Broken::Work || faults.len() + 1 >= super::MOST_FOUND;
                faults.push(fault);
                if ends {
                    break;
                }
                continue;
            }
        };
        let known = pass.stacks.links();
        let here = pass.keep();
        let made = (pass.stacks.links() - known) as u64;
        let moved = core::mem::take(&mut pass.moved);
        if let Err(fault) = meter.charge(made.saturating_mul(LINK) + moved / MOVED, pass.at) {
            faults.push(fault);
            break;
        }
        for successor in blocks.successors(block, last).into_iter().flatten() {
            match entries.get(successor) {
                Some(there) if there == here => {}
                Some(there) => {
                    faults.push(pass.differs(there, successor, blocks.start(successor)));
                    break;
                }
                None => {
                    entries.set(successor, here);
                    work.push(successor as u32);
                }
            }
            pass.follow(successor);
        }
        if faults.len() >= super::MOST_FOUND || faults.last().is_some_and(|fault| fault.rule == Broken::Work) {
            break;
        }
    }
    let deepest = pass.deepest;
    mismatches.sort_unstable_by_key(|(offset, _)| *offset);
    deepest
}

impl Pass<'_> {
    /// Steps through a block; gives its last instruction.
    fn run(
        &mut self,
        instructions: impl Iterator<Item = (u32, Instruction)>,
        meter: &mut Meter,
    ) -> Result<Option<Instruction>, Fault> {
        let mut last = None;
        for (offset, instruction) in instructions {
            meter.charge(1, offset)?;
            self.step(offset, &instruction)?;
            last = Some(instruction);
        }
        Ok(last)
    }

    /// Takes a kept stack in hand; gives how many cells had to be changed for that.
    fn restore(&mut self, kept: Kept, above: &mut Vec<CellType>) -> usize {
        let stay = self.stacks.take(kept, above);
        let gone = self.stack.len().saturating_sub(stay);
        while self.stack.len() > stay {
            self.drop_top();
        }
        for cell in above.iter().rev() {
            self.stack.push(Entry { cell: *cell, from: 0 });
            self.locals += usize::from(cell.is_local());
        }
        self.inherited = self.stack.len();
        gone + above.len()
    }

    fn keep(&mut self) -> Kept {
        let above = self.stack.get(self.stacks.known()..).unwrap_or_default();
        self.stacks.keep(above.iter().map(|entry| entry.cell))
    }

    #[cold]
    fn differs(&self, there: Kept, block: usize, offset: u32) -> Fault {
        let print = |depth: usize, cells: &mut dyn Iterator<Item = CellType>| {
            let mut words: Vec<String> = cells.take(SHOWN).map(|cell| cell.describe(self.parsed.stencils())).collect();
            words.reverse();
            let more = if depth > SHOWN { "… " } else { "" };
            format!("{} [{more}{}]", counted(depth, "cell"), words.join(" "))
        };
        let words = format!(
            "paths meet with {} and with {}",
            print(self.stacks.depth(there), &mut self.stacks.cells(there)),
            print(self.stack.len(), &mut self.stack.iter().rev().map(|entry| entry.cell))
        );
        let comes_from = instruction_at(self.function, self.at);
        let seen = Some(Box::new(Seen { comes_from, ..self.topmost() }));
        Fault { seen, met: Some(Box::new(self.met(there, block))), ..Fault::new(Broken::StackJoin, offset, "", words) }
    }

    /// The topmost cells of a kept stack, with which another path came to a block.
    fn met(&self, kept: Kept, block: usize) -> Seen {
        let type_ = |cell: CellType| cell.describe(self.parsed.stencils());
        let entry = |cell| StackEntry { type_: type_(cell), from: Vec::new() };
        let mut cells: Vec<StackEntry> = self.stacks.cells(kept).take(SHOWN).map(entry).collect();
        cells.reverse();
        let beneath = self.stacks.depth(kept) - cells.len();
        let found = (beneath..beneath + cells.len()).map(Some).collect();
        Seen { cells, beneath, block, found, is_entry: true, comes_from: None, gave_up: false }
    }

    /// A fault of the instruction that is stepped through. What it has taken already is gone: whoever wants to see the stack
    /// before it looks again.
    #[cold]
    fn fault(&self, rule: Broken, words: impl Into<String>) -> Fault {
        Fault::new(rule, self.at, self.mnemonic, words)
    }

    #[cold]
    fn look(&mut self) {
        let is_here = matches!(self.watch, Watch::At(offset, None) if *offset == self.at);
        if is_here {
            *self.watch = Watch::At(self.at, Some(self.topmost()));
        }
        if let Watch::Every(seen, left @ Some(_)) = &mut *self.watch {
            seen.push((self.at, self.stack.iter().map(|entry| entry.cell).collect()));
            *left = left.and_then(|left| left.checked_sub(self.stack.len() + 1));
        }
    }

    /// The block ends, and a path goes on in another.
    #[inline]
    fn follow(&mut self, successor: usize) {
        if let Watch::Sources(sources) = &mut *self.watch {
            let (stack, inherited) = (&*self.stack, self.inherited);
            let left = |place: usize| stack.get(place).map(|entry| entry.source(place, inherited));
            sources.follow((self.block, self.at), successor, left);
        }
    }

    /// The topmost cells, and from where those came that this block has pushed.
    fn topmost(&self) -> Seen {
        let beneath = self.stack.len().saturating_sub(SHOWN);
        let shown = || self.stack.iter().enumerate().skip(beneath);
        let entry = |(place, entry): (usize, &Entry)| {
            let from =
                entry.source(place, self.inherited).ok().and_then(|offset| instruction_at(self.function, offset));
            StackEntry { type_: entry.cell.describe(self.parsed.stencils()), from: from.into_iter().collect() }
        };
        let cells = shown().map(entry).collect();
        let found = shown().map(|(place, entry)| entry.source(place, self.inherited).err()).collect();
        Seen { cells, beneath, block: self.block, found, is_entry: false, comes_from: None, gave_up: false }
    }

    #[inline]
    fn push(&mut self, cell: CellType) -> Result<(), Fault> {
        if self.stack.len() >= self.limit {
            let words = format!(
                "the stack gets {} deep; the function declares {}",
                counted(self.stack.len() + 1, "cell"),
                self.limit
            );
            return Err(self.fault(Broken::StackLimit, words));
        }
        self.stack.push(Entry { cell, from: self.at });
        self.deepest = self.deepest.max(self.stack.len());
        self.locals += usize::from(cell.is_local());
        Ok(())
    }

    /// The value and above it the tag.
    fn push_union(&mut self, mask: Mask) -> Result<(), Fault> {
        self.push(CellType::UnionValue(mask))?;
        self.push(CellType::UnionTag(mask))
    }

    /// Takes the top cell, whatever it is.
    #[inline]
    fn pop(&mut self) -> Option<CellType> {
        let cell = self.drop_top()?;
        self.stacks.popped_to(self.stack.len());
        Some(cell)
    }

    #[inline]
    fn drop_top(&mut self) -> Option<CellType> {
        let entry = self.stack.pop()?;
        self.inherited = self.inherited.min(self.stack.len());
        self.locals -= usize::from(entry.cell.is_local());
        Some(entry.cell)
    }

    /// Takes one cell that must fit; `wanted` says which would.
    #[inline]
    fn take(&mut self, wanted: impl Fn() -> String, fits: impl Fn(CellType) -> bool) -> Result<CellType, Fault> {
        match self.stack.last() {
            Some(entry) if fits(entry.cell) => Ok(self.pop().unwrap_or(CellType::Scalar(Tag::Int))),
            Some(entry) => {
                let found = entry.cell.describe(self.parsed.stencils());
                let words = format!("{} wants {}, and finds `{found}`", self.mnemonic, wanted());
                Err(self.fault(Broken::OperandType, words))
            }
            None => {
                let words = format!("{} wants {}, and the stack has no more cells", self.mnemonic, wanted());
                Err(self.fault(Broken::Underflow, words))
            }
        }
    }

    #[inline]
    fn take_scalar(&mut self, tag: Tag) -> Result<(), Fault> {
        self.take(|| format!("`{}`", tag.name()), |cell| cell == CellType::Scalar(tag)).map(|_| ())
    }

    fn take_integer(&mut self) -> Result<(), Fault> {
        let integer = |cell| matches!(cell, CellType::Scalar(Tag::Byte | Tag::Short | Tag::Int | Tag::Long));
        self.take(|| "an integer".to_owned(), integer).map(|_| ())
    }

    fn take_view(&mut self) -> Result<(TypeRef, bool), Fault> {
        match self.take(|| "a view".to_owned(), |cell| matches!(cell, CellType::View { .. }))? {
            CellType::View { element, local } => Ok((element, local)),
            _ => Err(self.fault(Broken::OperandType, "no view")),
        }
    }

    /// A string; whether it is local.
    fn take_string(&mut self) -> Result<bool, Fault> {
        let taken = self.take(|| "`string`".to_owned(), |cell| matches!(cell, CellType::String { .. }))?;
        Ok(taken.is_local())
    }

    /// A scalar, or the two cells of a union.
    fn take_value(&mut self) -> Result<CellType, Fault> {
        let fits = |cell| matches!(cell, CellType::Scalar(_) | CellType::UnionTag(_));
        let taken = self.take(|| "a scalar or a union".to_owned(), fits)?;
        if let CellType::UnionTag(_) = taken {
            self.pop();
        }
        Ok(taken)
    }

    /// A scalar that the slot cannot hold is no reason to refuse; that it traps is told.
    fn store(&mut self, slot: Slot) -> Result<(), Fault> {
        let taken = self.take_value()?;
        let mask = match self.slot(slot) {
            Some(SlotKind::Variable(mask)) => mask,
            Some(SlotKind::Alias(tag)) => tag.mask(),
            _ => return Ok(()),
        };
        match taken {
            CellType::Scalar(tag) if !mask.contains(tag) && self.mismatches.len() < MOST_TRAPS => {
                self.mismatches.push((self.at, Trap::TypeMismatch { slot: slot.0, mask, tag }));
            }
            _ => {}
        }
        Ok(())
    }

    fn no_locals(&self) -> Result<(), Fault> {
        match self.locals {
            0 => Ok(()),
            _ => Err(self.fault(Broken::ViewLife, "a view of this function's memory lies on the stack")),
        }
    }

    fn slot(&self, slot: Slot) -> Option<SlotKind> {
        self.function.slots.get(usize::from(slot.0)).copied()
    }

    #[inline]
    fn step(&mut self, offset: u32, instruction: &Instruction) -> Result<(), Fault> {
        let row = instruction.row();
        self.at = offset;
        self.mnemonic = row.mnemonic;
        if let Watch::At(..) | Watch::Every(..) = self.watch {
            self.look();
        }
        match row.effect {
            Effect::Fixed { pops, pushes } => self.fixed(pops, pushes),
            Effect::By(rule, _) => self.by_rule(rule, instruction),
        }
    }

    #[inline]
    fn fixed(&mut self, pops: &[Pattern], pushes: &[Pattern]) -> Result<(), Fault> {
        for pattern in pops.iter().rev() {
            match pattern.tag() {
                Some(tag) => self.take_scalar(tag)?,
                None => _ = self.take_string()?,
            }
        }
        for pattern in pushes {
            self.push(pattern.tag().map_or(CellType::String { local: false }, CellType::Scalar))?;
        }
        Ok(())
    }
}

/// How many cells a message shows.
const SHOWN: usize = 6;
