//! What the passes know before every instruction: the stack, the open arenas, and of every slot that is there its place
//! and its possible types. For people and tools; no judgement depends on it.
//!
//! All of it holds on every path. Which slots are in an arena of dynamic layout depends on the path, so nothing is said of
//! them.

use super::arena::{Arenas, Seen, Site};
use super::cells::{CellTable, CellType};
use super::{Workspace, arena, bounds, stack};
use crate::blocks::Blocks;
use crate::container::{Function, SlotKind};
use crate::hash::HashMap;
use crate::instruction::Instruction;
use crate::parsed::Parsed;
use crate::types::Mask;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::ops::Range;

/// What is known of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Points {
    /// The arenas as a whole.
    pub arenas: Arenas,
    /// Before each instruction that is reached, by offset.
    pub points: Vec<Point>,
    /// Whether points are missing, because there is more to tell than was asked for.
    pub is_cut: bool,
}

/// What is known before an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Its offset.
    pub offset: u32,
    /// The types of the cells on the expression stack, lowest first.
    pub stack: Vec<CellType>,
    /// The open arenas, outermost first, as indexes into [`Arenas::sites`].
    pub open: Vec<usize>,
    /// The slots that are there, by number, in arenas of static layout.
    pub slots: Vec<SlotPoint>,
}

/// What is known of a slot before an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotPoint {
    /// Its number.
    pub slot: u16,
    /// In which of the open arenas it is, the outermost being 0.
    pub arena: usize,
    /// Its bytes in that arena; `None` where the program computes to which an alias points.
    pub bytes: Option<Range<u32>>,
    /// Of a variable: what its value may be.
    pub held: Held,
}

/// What the value of a variable may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Its types.
    pub types: Mask,
    /// Whether it may be that nothing was stored yet.
    pub unset: bool,
}

impl Held {
    fn join(self, other: Held) -> Held {
        Held { types: self.types.union(other.types), unset: self.unset || other.unset }
    }
}

/// Finds what is known in the functions of a module.
#[derive(Debug)]
pub struct PointFinder<'p> {
    parsed: &'p Parsed<'p>,
    cells: CellTable,
    workspace: Workspace,
}

impl<'p> PointFinder<'p> {
    /// In a module, which need not be one that is accepted.
    pub fn new(parsed: &'p Parsed<'p>) -> PointFinder<'p> {
        PointFinder { parsed, cells: CellTable::new(parsed), workspace: Workspace::default() }
    }

    /// What is known before each instruction of a function that is reached without a fault. At about so many cells and
    /// slots in all, it ends. Nothing is known of a function that breaks a rule of the pass [`bounds`].
    pub fn points(&mut self, function: u32, most: usize) -> Points {
        of(self.parsed, &self.cells, &mut self.workspace, function, most, false)
    }

    /// The same, of the slots only the one that the instruction names.
    pub fn uses(&mut self, function: u32, most: usize) -> Points {
        of(self.parsed, &self.cells, &mut self.workspace, function, most, true)
    }
}

fn of(
    parsed: &Parsed<'_>,
    cells: &CellTable,
    workspace: &mut Workspace,
    index: u32,
    most: usize,
    named: bool,
) -> Points {
    let Some(function) = parsed.function(index) else { return Points::default() };
    let mut faults = Vec::new();
    bounds::check(parsed, &function, workspace, &mut faults);
    if !faults.is_empty() {
        return Points::default();
    }
    workspace.split(&function);
    let (stacks, stacks_cut) = stack::see_all(parsed, &function, cells, workspace, most);
    let (arenas, seen, arenas_cut) = arena::see_all(parsed, &function, workspace, most, named);
    let mut stacks: HashMap<u32, Vec<CellType>> = stacks.into_iter().collect();
    let point = |Seen { offset, sites, slots }: Seen| {
        let is_static =
            |arena: usize| sites.get(arena).and_then(|site| arenas.sites.get(*site)).is_some_and(Site::is_static);
        let slot = |(slot, arena, at): (u16, u16, Option<u32>)| {
            let arena = usize::from(arena);
            let bytes = at.zip(size(parsed, &function, slot)).map(|(start, size)| start..start.saturating_add(size));
            SlotPoint { slot, arena, bytes, held: Held::default() }
        };
        // Many are told: nothing is reserved beyond them.
        let mut told = Vec::with_capacity(slots.len());
        told.extend(slots.into_iter().filter(|(_, arena, _)| is_static((*arena).into())).map(slot));
        Some(Point { offset, stack: stacks.remove(&offset)?, open: sites, slots: told })
    };
    let mut points: Vec<Point> = seen.into_iter().filter_map(point).collect();
    points.sort_unstable_by_key(|point| point.offset);
    hold(parsed, &function, &workspace.blocks, &mut points);
    Points { arenas, points, is_cut: stacks_cut || arenas_cut }
}

/// What is known of a slot on the way through the blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    held: Held,
    start: Start,
}

impl State {
    fn join(self, other: State) -> State {
        State { held: self.held.join(other.held), start: self.start.join(other.start) }
    }
}

/// Where an alias points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Start {
    /// It is not there yet.
    #[default]
    Nowhere,
    At(u32),
    /// The program computes it, or it depends on the path.
    Somewhere,
}

impl Start {
    fn join(self, other: Start) -> Start {
        match (self, other) {
            (Start::Nowhere, known) | (known, Start::Nowhere) => known,
            (one, other) if one == other => one,
            _ => Start::Somewhere,
        }
    }
}

/// What is known at the starts of all blocks is kept at once: more states of slots are not.
const MOST_STATES: usize = 1 << 18;
/// Blocks are gone through in the order of the code, in which all but loops in loops need one way; after so many ways through
/// all of them it ends.
const MOST_WAYS: usize = 16;

/// Finds what the variables may hold, and where the aliases point. Where that is too much work, little is said.
fn hold(parsed: &Parsed<'_>, function: &Function<'_>, blocks: &Blocks, points: &mut [Point]) {
    let Some(entries) = entries(parsed, function, blocks, points) else {
        for slot in points.iter_mut().flat_map(|point| &mut point.slots) {
            slot.held = Held { types: mask_of(function, slot.slot), unset: true };
        }
        return;
    };
    for (block, entry) in entries.into_iter().enumerate() {
        let Some(mut states) = entry else { continue };
        let mut last = None;
        for (offset, instruction) in blocks.instructions(function.code, block) {
            let mut point = find(points, offset);
            for slot in point.iter_mut().flat_map(|point| &mut point.slots) {
                let state = states.get(usize::from(slot.slot)).copied().unwrap_or_default();
                slot.held = state.held;
                if let (Start::At(start), Some(size)) = (state.start, size(parsed, function, slot.slot)) {
                    slot.bytes = Some(start..start.saturating_add(size));
                }
            }
            step(parsed, function, &mut states, (last, instruction), point);
            last = Some(instruction);
        }
    }
}

/// What is known of the slots where each block begins that is reached: forward through the blocks, until nothing changes any
/// more.
fn entries(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    blocks: &Blocks,
    points: &mut [Point],
) -> Option<Vec<Option<Vec<State>>>> {
    let slots = function.slots.len();
    if blocks.len().saturating_mul(slots) > MOST_STATES {
        return None;
    }
    let mut entries: Vec<Option<Vec<State>>> = vec![None; blocks.len()];
    let mut work = BTreeSet::new();
    if let Some(first) = entries.first_mut() {
        *first = Some(vec![State::default(); slots]);
        work.insert(0);
    }
    let mut left = MOST_WAYS * blocks.len();
    while let Some(block) = work.pop_first() {
        left = left.checked_sub(1)?;
        let Some(mut states) = entries.get(block).cloned().flatten() else { continue };
        let mut last = None;
        for (offset, instruction) in blocks.instructions(function.code, block) {
            step(parsed, function, &mut states, (last, instruction), find(points, offset));
            last = Some(instruction);
        }
        for successor in blocks.successors(block, last).into_iter().flatten() {
            let Some(entry) = entries.get_mut(successor) else { continue };
            let joined = match &*entry {
                Some(there) => there.iter().zip(&states).map(|(there, here)| there.join(*here)).collect(),
                None => states.clone(),
            };
            if entry.as_ref() != Some(&joined) {
                *entry = Some(joined);
                work.insert(successor);
            }
        }
    }
    Some(entries)
}

fn find(points: &mut [Point], offset: u32) -> Option<&mut Point> {
    let place = points.binary_search_by_key(&offset, |point| point.offset).ok()?;
    points.get_mut(place)
}

/// What an instruction, behind the last one of its block, does to what is known.
fn step(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    states: &mut [State],
    (last, instruction): (Option<Instruction>, Instruction),
    point: Option<&mut Point>,
) {
    let (Instruction::VarAlloc { slot, .. } | Instruction::VarStore { slot } | Instruction::VarPtr { slot, .. }) =
        instruction
    else {
        return;
    };
    let Some(state) = states.get_mut(usize::from(slot.0)) else { return };
    let mask = mask_of(function, slot.0);
    match (instruction, point.and_then(|point| point.stack.last())) {
        (Instruction::VarPtr { .. }, _) => {
            let constant = match last {
                Some(Instruction::LoadConst { index }) => parsed.integer_constant(index.0),
                _ => None,
            };
            let start = constant.and_then(|start| u32::try_from(start).ok());
            state.start = start.map_or(Start::Somewhere, Start::At);
        }
        (Instruction::VarAlloc { .. }, _) => state.held = Held { types: Mask::EMPTY, unset: true },
        // A value that the slot cannot hold traps.
        (_, Some(CellType::Scalar(tag))) => state.held = Held { types: tag.mask().intersection(mask), unset: false },
        (_, Some(CellType::UnionTag(stored))) => state.held = Held { types: stored.intersection(mask), unset: false },
        (_, _) => state.held = Held { types: mask, unset: false },
    }
}

/// The bytes of a slot.
fn size(parsed: &Parsed<'_>, function: &Function<'_>, slot: u16) -> Option<u32> {
    Some(match *function.slots.get(usize::from(slot))? {
        SlotKind::Alias(tag) => tag.size(),
        SlotKind::Variable(mask) => mask.size(),
        SlotKind::Stencil(type_ref) => parsed.stencils().size(type_ref),
    })
}

fn mask_of(function: &Function<'_>, slot: u16) -> Mask {
    match function.slots.get(usize::from(slot)) {
        Some(SlotKind::Variable(mask)) => *mask,
        Some(SlotKind::Stencil(_) | SlotKind::Alias(_)) | None => Mask::EMPTY,
    }
}
