//! What every arena looks like at every point: which are open, and where the slots of each one stand.
//!
//! Guarantees: the arenas that are open are the same on all paths into a place; none is open at a return; memory is
//! reserved only inside one. The allocator is deterministic, so where all paths into every point of an `alloc` block
//! agree on its slots, the block has a static layout, and every offset is a constant. At the first disagreement it has
//! a dynamic one, and the engine keeps a slot table and a free list.
//!
//! One state walks the code depth first and is rolled back; what is kept for each block is a digest, so memory grows
//! with the code and not with the code times the slots. Faults of an arena that are certain where they are reached are
//! found on the way; they are no reason to refuse.

mod chain;
mod facts;
mod lives;
mod memory;
mod probe;
mod traps;
mod words;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
pub use facts::{Arenas, Placement, Site};
pub(super) use probe::Seen;

use super::entries::Entries;
use super::meter::Meter;
use super::refusal::Rule;
use super::{Fault, Workspace};
use crate::allocator::{Allocator, Strategy};
use crate::blocks::Blocks;
use crate::container::Function;
use crate::instruction::Instruction;
use crate::parsed::Parsed;
use crate::stencil::StencilTable;
use crate::text::counted;
use crate::trap::Trap;
use chain::{Chain, Chains, Keys};
use lives::Lives;
use probe::Probe;

/// The most arenas that may be open at once in a function.
pub const MOST_OPEN: usize = 256;

/// Which open arena a slot belongs to. No two arenas have one number, so a slot whose arena has ended is known by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Home {
    level: usize,
    number: u32,
}

/// So many chains may be kept of a function beside two for each block.
const MOST_CHAINS: usize = 1 << 18;

/// What is known of a slot here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not there: never allocated, freed, or its arena has ended.
    Gone { freed: bool },
    /// It has bytes in an open arena.
    Live { home: Home, at: u32, stored: bool, placement: usize },
    /// An alias into an open arena, and its number among them.
    Alias { home: Home, alias: usize },
    /// It belongs to an open arena of dynamic layout.
    Unknown { home: Home },
}

/// An open arena.
#[derive(Debug)]
struct Open {
    site: usize,
    number: u32,
    /// Without end, so that what does not fit shows how much would.
    places: Allocator,
    /// The slots that are there, if somebody wants to look.
    slots: BTreeSet<u16>,
    digest: u128,
    /// Whether something did not fit on the path to here.
    has_run_out: bool,
}

/// A step that can be taken back.
#[derive(Debug)]
enum Undo {
    Slot(u16, State),
    Reserved(usize, u32, u32),
    Released(usize, u32, u32),
    RanOut(usize),
    Digest(usize, u128),
    Opened,
    Ended(Box<Open>),
}

/// What the pass keeps from one function to the next, so that it need not be made anew.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    slots: Vec<State>,
    log: Vec<Undo>,
    chains: Chains,
    entries: Entries,
    /// Where traps are judged: which slots these speak of; and of each block a digest of what such slots are at its start.
    watched: Vec<bool>,
    wholes: Vec<u128>,
    keys: Keys,
}

struct Pass<'p> {
    parsed: &'p Parsed<'p>,
    stencils: &'p StencilTable,
    function: &'p Function<'p>,
    facts: Arenas,
    open: Vec<Open>,
    open_bytes: u64,
    buffers: &'p mut Buffers,
    /// Values that are stored where they do not fit, by the offsets of the instructions.
    mismatches: &'p [(u32, Trap)],
    meter: &'p mut Meter,
    /// Work that was done and not charged yet.
    owed: u64,
    /// Whether there is no room for more chains.
    full: bool,
    purpose: Purpose,
    /// How many arenas were opened.
    opened: u32,
    /// The digest of the slots that are watched.
    whole: u128,
    /// Whether steps are to be taken back: not while no other path waits.
    logging: bool,
    /// The block that is stepped through, and of each certain trap the block in which it was found.
    block: usize,
    trap_places: Vec<TrapPlace>,
    /// Blocks into which paths come with arenas that look different, and those into which they come with different slots
    /// among the watched ones; where traps are judged.
    mixed_arenas: Vec<usize>,
    mixed_slots: Vec<usize>,
    /// Since when slots are there; where places are looked for.
    lives: Lives,
    probe: Probe,
}

/// What the pass is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To judge, and to find what is open at calls and whether arenas can run out.
    Judge,
    /// To find out as well which of the traps that were found are certain on all paths.
    Traps,
    /// To find out as well where every slot stands, and for how long.
    Places,
}

/// Where a certain trap was found.
#[derive(Debug, Clone, Copy)]
struct TrapPlace {
    block: usize,
    /// If memory runs out: the site in which it does, and the slot for which.
    room: Option<(usize, u16)>,
}

/// The digest of an arena of dynamic layout.
const OPAQUE: u128 = u128::MAX;

/// Judges one function. At its first fault the pass ends: what is open behind it cannot be known.
pub(super) fn check(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    workspace: &mut Workspace,
    meter: &mut Meter,
    faults: &mut Vec<Fault>,
) -> Arenas {
    let (mut arenas, _) = run(parsed, function, workspace, meter, faults, Purpose::Judge, Probe::Nothing);
    // A trap was found in the state of the first path; in code with joins the other paths are asked, too.
    if !arenas.certain.is_empty() && faults.is_empty() && workspace.blocks.len() > 1 {
        workspace.arena.watch(function, &arenas.certain);
        let (judged, _) = run(parsed, function, workspace, meter, faults, Purpose::Traps, Probe::Nothing);
        arenas.certain = judged.certain;
    }
    arenas
}

/// The same with the places of all slots.
pub(super) fn places(parsed: &Parsed<'_>, function: &Function<'_>, workspace: &mut Workspace) -> Arenas {
    let mut meter = Meter::new(0, u64::MAX);
    run(parsed, function, workspace, &mut meter, &mut Vec::new(), Purpose::Places, Probe::Nothing).0
}

/// The arenas that are open before the instruction at an offset, in words, the outermost first.
pub(super) fn look_at(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    workspace: &mut Workspace,
    meter: &mut Meter,
    offset: u32,
) -> Vec<String> {
    let probe = Probe::Words(offset, Vec::new());
    match run(parsed, function, workspace, meter, &mut Vec::new(), Purpose::Places, probe).1 {
        Probe::Words(_, words) => words,
        Probe::Nothing | Probe::Every { .. } => Vec::new(),
    }
}

/// The places of all slots, and what is open before every instruction, as long as there are no more than so many facts;
/// and whether there are more. With `named`, only the slot is looked at that the instruction names.
pub(super) fn see_all(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    workspace: &mut Workspace,
    most: usize,
    named: bool,
) -> (Arenas, Vec<Seen>, bool) {
    let mut meter = Meter::new(0, u64::MAX);
    let probe = Probe::Every { seen: Vec::new(), left: Some(most), named };
    match run(parsed, function, workspace, &mut meter, &mut Vec::new(), Purpose::Places, probe) {
        (arenas, Probe::Every { seen, left, .. }) => (arenas, seen, left.is_none()),
        (arenas, _) => (arenas, Vec::new(), true),
    }
}

fn run(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    workspace: &mut Workspace,
    meter: &mut Meter,
    faults: &mut Vec<Fault>,
    purpose: Purpose,
    probe: Probe,
) -> (Arenas, Probe) {
    let Workspace { blocks, mismatches, arena: buffers, .. } = workspace;
    buffers.keys = Keys::of(parsed.ids());
    buffers.slots.clear();
    buffers.slots.resize(function.slots.len(), State::Gone { freed: false });
    buffers.log.clear();
    buffers.chains.clear();
    buffers.entries.clear(blocks.len());
    buffers.wholes.clear();
    buffers.wholes.resize(if purpose == Purpose::Traps { blocks.len() } else { 0 }, 0);
    let mut pass = Pass {
        parsed,
        stencils: parsed.stencils(),
        function,
        facts: Arenas::default(),
        open: Vec::new(),
        open_bytes: 0,
        buffers,
        // Places are also looked for where nobody has looked at the stack.
        mismatches: if purpose == Purpose::Places { &[] } else { mismatches },
        meter,
        owed: 0,
        full: false,
        purpose,
        opened: 0,
        whole: 0,
        logging: false,
        block: 0,
        trap_places: Vec::new(),
        mixed_arenas: Vec::new(),
        mixed_slots: Vec::new(),
        lives: Lives::default(),
        probe,
    };
    faults.extend(pass.walk(blocks).err());
    let probe = core::mem::take(&mut pass.probe);
    (pass.finish(blocks), probe)
}

impl Pass<'_> {
    /// Depth first over the blocks; each is stepped through once, in the state of the first path into it.
    fn walk(&mut self, blocks: &Blocks) -> Result<(), Fault> {
        // Of each block that is being left, the successors to look at, and the log's length before it.
        let mut path: Vec<([Option<usize>; 2], usize)> = Vec::new();
        // How many successors on the path wait to be looked at.
        let mut waiting = 0;
        let mut enter = if blocks.is_empty() { None } else { Some(0) };
        loop {
            if let Some(index) = enter.take() {
                if waiting == 0 {
                    // Nobody comes back to what was before.
                    path.clear();
                    self.buffers.log.clear();
                }
                self.logging = waiting > 0;
                let mark = self.buffers.log.len();
                self.enter(index);
                let last = self.run(blocks, index)?;
                let successors = blocks.successors(index, last);
                waiting += successors.iter().flatten().count();
                path.push((successors, mark));
            }
            let Some((successors, mark)) = path.last_mut() else { return Ok(()) };
            let Some(successor) = successors.iter_mut().find_map(Option::take) else {
                let mark = *mark;
                path.pop();
                self.roll_back(mark);
                continue;
            };
            waiting -= 1;
            match self.buffers.entries.get(successor) {
                None => enter = Some(successor),
                Some(there) => self.compare(blocks, successor, there)?,
            }
        }
    }

    /// Remembers what a block starts with.
    fn enter(&mut self, block: usize) {
        let chain = self.chain();
        self.buffers.entries.set(block, chain);
        if let Some(whole) = self.buffers.wholes.get_mut(block) {
            *whole = self.whole;
        }
        self.block = block;
    }

    /// Another path comes into a block that was entered before.
    fn compare(&mut self, blocks: &Blocks, block: usize, there: Chain) -> Result<(), Fault> {
        let here = self.chain();
        if let Some(whole) = self.buffers.wholes.get(block) {
            self.mixed_slots.extend((*whole != self.whole).then_some(block));
            self.mixed_arenas.extend((here != there).then_some(block));
        }
        if here == there {
            return Ok(());
        }
        self.meet(there, here, blocks.start(block))
    }

    /// Steps through a block; gives its last instruction.
    fn run(&mut self, blocks: &Blocks, block: usize) -> Result<Option<Instruction>, Fault> {
        let mut before = None;
        for (offset, instruction) in blocks.instructions(self.function.code, block) {
            if !matches!(self.probe, Probe::Nothing) {
                self.look(offset, &instruction);
            }
            self.step(offset, &instruction, before.as_ref())?;
            before = Some(instruction);
        }
        Ok(before)
    }

    /// Two paths meet: the same arenas must be open, and those that look different are dynamic from now on.
    fn meet(&mut self, first: Chain, second: Chain, offset: u32) -> Result<(), Fault> {
        let (mut a, mut b) = (first, second);
        while a != b {
            let (top_a, top_b) = (self.buffers.chains.top(a), self.buffers.chains.top(b));
            match (top_a, top_b) {
                (Some((below_a, site_a, digest_a)), Some((below_b, site_b, digest_b))) if site_a == site_b => {
                    if digest_a != digest_b {
                        self.make_dynamic(site_a as usize, offset);
                    }
                    (a, b) = (below_a, below_b);
                    self.owed += 1;
                }
                _ => {
                    let (first, second) = (self.describe(first), self.describe(second));
                    let words = format!("paths meet with {first} and with {second} open");
                    return Err(Fault::new(Rule::ArenaJoin, offset, "", words));
                }
            }
        }
        Ok(())
    }

    fn step(&mut self, offset: u32, instruction: &Instruction, before: Option<&Instruction>) -> Result<(), Fault> {
        self.meter.charge(1 + core::mem::take(&mut self.owed), offset)?;
        if self.full {
            return Err(self.meter.exceeded(offset));
        }
        let fault = |rule, words: String| Err(Fault::new(rule, offset, instruction.row().mnemonic, words));
        match *instruction {
            Instruction::StackAlloc { .. }
            | Instruction::StackAllocBump { .. }
            | Instruction::StackAllocPool { .. } => {
                if self.open.len() >= MOST_OPEN {
                    return fault(Rule::OpenArena, format!("more than {MOST_OPEN} arenas are open at once"));
                }
                if let Some((strategy, capacity)) = Strategy::opened_by(instruction) {
                    self.open_arena(offset, strategy, capacity);
                }
            }
            Instruction::StackFree {}
            | Instruction::VarAlloc { .. }
            | Instruction::StencilAlloc { .. }
            | Instruction::VarPtr { .. }
                if self.open.is_empty() =>
            {
                return fault(Rule::OpenArena, "no arena is open".to_owned());
            }
            Instruction::StackFree {} => self.end_arena(offset),
            Instruction::Return {} if !self.open.is_empty() => {
                let words = match self.open.len() {
                    1 => "an arena is open; none may be at a return".to_owned(),
                    open => format!("{open} arenas are open; none may be at a return"),
                };
                return fault(Rule::ArenaLeft, words);
            }
            Instruction::VarAlloc { slot, .. } | Instruction::StencilAlloc { slot, .. } => {
                let (size, widest) = (self.size_of(slot), self.widest());
                if size > widest {
                    let words = format!(
                        "slot {} has {}, and the places of the pool have {widest}",
                        slot.0,
                        counted(size, "byte")
                    );
                    return fault(Rule::PoolPlace, words);
                }
                self.allocate(offset, slot, size);
            }
            Instruction::VarPtr { slot, tag } => self.make_alias(offset, slot, tag.size(), before),
            Instruction::VarFree { slot } => self.free(offset, slot),
            Instruction::VarDrop { slot } => match self.state(slot) {
                State::Gone { .. } => {}
                state @ State::Alias { .. } => {
                    self.end_placement(state, offset);
                    self.set(slot.0, State::Gone { freed: true });
                }
                State::Live { .. } | State::Unknown { .. } => self.release(offset, slot),
            },
            Instruction::VarStore { slot } => match self.state(slot) {
                State::Gone { freed } => self.use_gone(offset, slot, freed, |slot| Trap::StoreAfterFree { slot }),
                State::Live { home, at, stored: false, placement } => {
                    self.fits(offset);
                    self.set(slot.0, State::Live { home, at, stored: true, placement });
                }
                _ => self.fits(offset),
            },
            Instruction::VarLoad { slot } => match self.state(slot) {
                State::Live { stored: false, .. } => self.trap(offset, Trap::NeverStored { slot: slot.0 }),
                State::Gone { freed } => self.use_gone(offset, slot, freed, |slot| Trap::UseAfterFree { slot }),
                _ => {}
            },
            Instruction::FieldStore { slot, .. }
            | Instruction::ElemStore { slot, .. }
            | Instruction::TextStore { slot }
            | Instruction::TextAppend { slot }
            | Instruction::TextFormat { slot } => {
                if let State::Gone { freed } = self.state(slot) {
                    self.use_gone(offset, slot, freed, |slot| Trap::StoreAfterFree { slot });
                }
            }
            Instruction::FieldLoad { slot, .. }
            | Instruction::ElemLoad { slot, .. }
            | Instruction::ArrayView { slot }
            | Instruction::TextView { slot }
            | Instruction::FieldView { slot, .. }
            | Instruction::VarOffset { slot } => {
                if let State::Gone { freed } = self.state(slot) {
                    self.use_gone(offset, slot, freed, |slot| Trap::UseAfterFree { slot });
                }
            }
            Instruction::Call { .. } | Instruction::CallNat { .. } => self.facts.calls.push((offset, self.open_bytes)),
            _ => {}
        }
        Ok(())
    }

    /// A value is stored in a slot that is there, and traps if the slot cannot hold it.
    fn fits(&mut self, offset: u32) {
        let found = self.mismatches.binary_search_by_key(&offset, |(offset, _)| *offset);
        if let Some((_, trap)) = found.ok().and_then(|found| self.mismatches.get(found)) {
            self.trap(offset, trap.clone());
        }
    }

    fn finish(mut self, blocks: &Blocks) -> Arenas {
        self.keep_certain_traps(blocks);
        let mut facts = self.facts;
        self.lives.close(&mut facts);
        let sites = &facts.sites;
        let is_static = |site: usize| sites.get(site).is_some_and(Site::is_static);
        for placed in [&mut facts.placements, &mut facts.aliases] {
            placed.retain(|placement| is_static(placement.site));
            placed.sort_by_key(|placement| placement.offset);
        }
        facts.calls.sort_unstable();
        facts.certain.sort_by_key(|(offset, _)| *offset);
        facts.certain.dedup();
        facts
    }
}
