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
use crate::stencil::StencilTable;
use crate::types::Mask;
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
    let places = Places { stencils: parsed.stencils(), aliases: aliases(parsed, &function, &workspace.blocks) };
    let point = |Seen { offset, sites, slots }: Seen| {
        let is_static =
            |arena: usize| sites.get(arena).and_then(|site| arenas.sites.get(*site)).is_some_and(Site::is_static);
        let slot = |(slot, arena, at): (u16, usize, Option<u32>)| {
            let kind = function.slots.get(usize::from(slot)).copied();
            let bytes = kind.and_then(|kind| places.of(slot, kind, at));
            SlotPoint { slot, arena, bytes, held: Held::default() }
        };
        let slots = slots.into_iter().filter(|(_, arena, _)| is_static(*arena)).map(slot).collect();
        Some(Point { offset, stack: stacks.remove(&offset)?, open: sites, slots })
    };
    let mut points: Vec<Point> = seen.into_iter().filter_map(point).collect();
    points.sort_unstable_by_key(|point| point.offset);
    hold(&function, &workspace.blocks, &mut points, most);
    Points { arenas, points, is_cut: stacks_cut || arenas_cut }
}

/// Where slots stand.
struct Places<'p> {
    stencils: &'p StencilTable,
    /// By slot, where an alias points if it is always the same.
    aliases: HashMap<u16, Option<u32>>,
}

impl Places<'_> {
    fn of(&self, slot: u16, kind: SlotKind, at: Option<u32>) -> Option<Range<u32>> {
        let (start, size) = match kind {
            SlotKind::Alias(tag) => (self.aliases.get(&slot).copied().flatten(), tag.size()),
            SlotKind::Variable(mask) => (at, mask.size()),
            SlotKind::Stencil(type_ref) => (at, self.stencils.size(type_ref)),
        };
        start.map(|start| start..start.saturating_add(size))
    }
}

fn aliases(parsed: &Parsed<'_>, function: &Function<'_>, blocks: &Blocks) -> HashMap<u16, Option<u32>> {
    let mut known: HashMap<u16, Option<u32>> = HashMap::default();
    for block in 0..blocks.len() {
        let mut before = None;
        for (_, instruction) in blocks.instructions(function.code, block) {
            if let Instruction::VarPtr { slot, .. } = instruction {
                let constant = match before {
                    Some(Instruction::LoadConst { index }) => parsed.integer_constant(index.0),
                    _ => None,
                };
                let start = constant.and_then(|start| u32::try_from(start).ok());
                known.entry(slot.0).and_modify(|known| *known = known.filter(|_| *known == start)).or_insert(start);
            }
            before = Some(instruction);
        }
    }
    known
}

/// Finds what the variables may hold: forward through the blocks, until nothing changes any more.
fn hold(function: &Function<'_>, blocks: &Blocks, points: &mut [Point], most: usize) {
    let slots = function.slots.len();
    // What is known at the starts of all blocks is kept at once; where that is too much, little is said.
    if blocks.len().saturating_mul(slots) > most {
        for slot in points.iter_mut().flat_map(|point| &mut point.slots) {
            slot.held = Held { types: mask_of(function, slot.slot), unset: true };
        }
        return;
    }
    let mut entries: Vec<Option<Vec<Held>>> = vec![None; blocks.len()];
    let mut work = Vec::new();
    if let Some(first) = entries.first_mut() {
        *first = Some(vec![Held::default(); slots]);
        work.push(0);
    }
    while let Some(block) = work.pop() {
        let Some(mut held) = entries.get(block).cloned().flatten() else { continue };
        let mut last = None;
        for (offset, instruction) in blocks.instructions(function.code, block) {
            step(function, &mut held, &instruction, find(points, offset));
            last = Some(instruction);
        }
        for successor in blocks.successors(block, last).into_iter().flatten() {
            let Some(entry) = entries.get_mut(successor) else { continue };
            let joined = match &*entry {
                Some(there) => there.iter().zip(&held).map(|(there, here)| there.join(*here)).collect(),
                None => held.clone(),
            };
            if entry.as_ref() != Some(&joined) {
                *entry = Some(joined);
                work.push(successor);
            }
        }
    }
    for (block, entry) in entries.into_iter().enumerate() {
        let Some(mut held) = entry else { continue };
        for (offset, instruction) in blocks.instructions(function.code, block) {
            let mut point = find(points, offset);
            for slot in point.iter_mut().flat_map(|point| &mut point.slots) {
                slot.held = held.get(usize::from(slot.slot)).copied().unwrap_or_default();
            }
            step(function, &mut held, &instruction, point);
        }
    }
}

fn find(points: &mut [Point], offset: u32) -> Option<&mut Point> {
    let place = points.binary_search_by_key(&offset, |point| point.offset).ok()?;
    points.get_mut(place)
}

/// What an instruction does to what the variables hold.
fn step(function: &Function<'_>, held: &mut [Held], instruction: &Instruction, point: Option<&mut Point>) {
    let (Instruction::VarAlloc { slot, .. } | Instruction::VarStore { slot }) = *instruction else { return };
    let Some(held) = held.get_mut(usize::from(slot.0)) else { return };
    let fresh = Held { types: Mask::EMPTY, unset: true };
    let mask = mask_of(function, slot.0);
    *held = match (instruction, point.and_then(|point| point.stack.last())) {
        (Instruction::VarAlloc { .. }, _) => fresh,
        // A value that the slot cannot hold traps.
        (_, Some(CellType::Scalar(tag))) => Held { types: tag.mask().intersection(mask), unset: false },
        (_, Some(CellType::UnionTag(stored))) => Held { types: stored.intersection(mask), unset: false },
        (_, _) => Held { types: mask, unset: false },
    };
}

fn mask_of(function: &Function<'_>, slot: u16) -> Mask {
    match function.slots.get(usize::from(slot)) {
        Some(SlotKind::Variable(mask)) => *mask,
        Some(SlotKind::Stencil(_) | SlotKind::Alias(_)) | None => Mask::EMPTY,
    }
}
