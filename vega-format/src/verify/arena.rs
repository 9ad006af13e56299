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

pub use facts::{Arenas, Placement, Site};

use super::meter::Meter;
use super::refusal::Rule;
use super::{Fault, Workspace};
use crate::blocks::Block;
use crate::container::{Function, SlotKind};
use crate::free_list::FreeList;
use crate::instruction::{Instruction, Slot};
use crate::parsed::Parsed;
use crate::stencil::StencilTable;
use crate::trap::Trap;
use chain::{Chain, Chains, Keys};

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
    /// An alias into an open arena.
    Alias { home: Home },
    /// It belongs to an open arena of dynamic layout.
    Unknown { home: Home },
}

/// An open arena.
#[derive(Debug)]
struct Open {
    site: usize,
    number: u32,
    /// Without end, so that what does not fit shows how much would.
    free: FreeList,
    /// Slots that were put into it, if somebody wants to look; those that are gone may still be named.
    slots: Vec<u16>,
    digest: u128,
}

/// A step that can be taken back.
#[derive(Debug)]
enum Undo {
    Slot(u16, State),
    Reserved(usize, u32, u32),
    Released(usize, u32, u32),
    Digest(usize, u128),
    Listed(usize),
    Opened,
    Ended(Box<Open>),
}

/// What the pass keeps from one function to the next, so that it need not be made anew.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    slots: Vec<State>,
    log: Vec<Undo>,
    chains: Chains,
    entries: Vec<Option<Chain>>,
    /// At the start of each block, a digest of all slots, also of those that are gone; where traps are judged.
    wholes: Vec<u128>,
    keys: Keys,
}

struct Pass<'p> {
    parsed: &'p Parsed<'p>,
    stencils: &'p StencilTable,
    function: &'p Function<'p>,
    body: &'p [(u32, Instruction)],
    facts: Arenas,
    open: Vec<Open>,
    open_bytes: u64,
    buffers: &'p mut Buffers,
    meter: &'p mut Meter,
    /// Work that was done and not charged yet.
    owed: u64,
    /// Whether there is no room for more chains.
    full: bool,
    /// The first instruction that uses a slot that is gone: what happens there depends on the path.
    irregular: Option<u32>,
    purpose: Purpose,
    /// How many arenas were opened.
    opened: u32,
    /// The digest of all slots.
    whole: u128,
    /// Whether steps are to be taken back: not while no other path waits.
    logging: bool,
    /// The block that is stepped through, and of each certain trap the block in which it was found.
    block: usize,
    trap_places: Vec<TrapPlace>,
    /// Blocks into which paths come with different slots; where traps are judged.
    mixed: Vec<usize>,
    /// Where to look at the open arenas, and what was seen there.
    probe: Option<(u32, Option<Vec<String>>)>,
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

/// So many certain traps of one function are told at most.
const MOST_TRAPS: usize = 1000;

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
    let (mut arenas, _) = run(parsed, function, workspace, meter, faults, Purpose::Judge, None);
    // A trap was found in the state of the first path; in code with joins the other paths are asked, too.
    if !arenas.certain.is_empty() && faults.is_empty() && workspace.blocks.len() > 1 {
        arenas.certain = run(parsed, function, workspace, meter, faults, Purpose::Traps, None).0.certain;
    }
    arenas
}

/// The same with the places of all slots.
pub(super) fn places(parsed: &Parsed<'_>, function: &Function<'_>, workspace: &mut Workspace) -> Arenas {
    let mut meter = Meter::new(0, u64::MAX);
    run(parsed, function, workspace, &mut meter, &mut Vec::new(), Purpose::Places, None).0
}

/// The arenas that are open before the instruction at an offset, in words, the outermost first.
pub(super) fn look_at(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    workspace: &mut Workspace,
    offset: u32,
) -> Vec<String> {
    let mut meter = Meter::new(0, u64::MAX);
    run(parsed, function, workspace, &mut meter, &mut Vec::new(), Purpose::Places, Some((offset, None))).1
}

fn run(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    workspace: &mut Workspace,
    meter: &mut Meter,
    faults: &mut Vec<Fault>,
    purpose: Purpose,
    probe: Option<(u32, Option<Vec<String>>)>,
) -> (Arenas, Vec<String>) {
    let Workspace { body, blocks, arena: buffers, .. } = workspace;
    buffers.slots.clear();
    buffers.slots.resize(function.slots.len(), State::Gone { freed: false });
    buffers.log.clear();
    buffers.chains.clear();
    buffers.entries.clear();
    buffers.entries.resize(blocks.len(), None);
    buffers.wholes.clear();
    buffers.wholes.resize(if purpose == Purpose::Traps { blocks.len() } else { 0 }, 0);
    let mut pass = Pass {
        parsed,
        stencils: parsed.stencils(),
        function,
        body,
        facts: Arenas::default(),
        open: Vec::new(),
        open_bytes: 0,
        buffers,
        meter,
        owed: 0,
        full: false,
        irregular: None,
        purpose,
        opened: 0,
        whole: 0,
        logging: false,
        block: 0,
        trap_places: Vec::new(),
        mixed: Vec::new(),
        probe,
    };
    faults.extend(pass.walk(blocks).err());
    let seen = pass.probe.take().and_then(|(_, seen)| seen).unwrap_or_default();
    (pass.finish(blocks), seen)
}

impl Pass<'_> {
    /// Depth first over the blocks; each is stepped through once, in the state of the first path into it.
    fn walk(&mut self, blocks: &[Block]) -> Result<(), Fault> {
        // A block that is being left: which one, the next successor to look at, and the log's length before it.
        let mut path: Vec<(usize, usize, usize)> = Vec::new();
        // How many successors on the path wait to be looked at.
        let mut waiting = 0;
        let mut enter = if blocks.is_empty() { None } else { Some(0) };
        loop {
            if let Some(index) = enter.take() {
                let Some(block) = blocks.get(index) else { return Ok(()) };
                if waiting == 0 {
                    // Nobody comes back to what was before.
                    path.clear();
                    self.buffers.log.clear();
                }
                self.logging = waiting > 0;
                let mark = self.buffers.log.len();
                self.enter(index);
                self.run(block.instructions.clone())?;
                waiting += block.successors.iter().flatten().count();
                path.push((index, 0, mark));
            }
            let Some((block, next, mark)) = path.last_mut() else { return Ok(()) };
            let Some(successor) = blocks.get(*block).and_then(|block| block.successors.get(*next)).copied() else {
                let mark = *mark;
                path.pop();
                self.roll_back(mark);
                continue;
            };
            *next += 1;
            let Some(successor) = successor else { continue };
            waiting -= 1;
            match self.buffers.entries.get(successor).copied().flatten() {
                None => enter = Some(successor),
                Some(there) => self.compare(blocks, successor, there)?,
            }
        }
    }

    /// Remembers what a block starts with.
    fn enter(&mut self, block: usize) {
        let chain = self.chain();
        if let Some(entry) = self.buffers.entries.get_mut(block) {
            *entry = Some(chain);
        }
        if let Some(whole) = self.buffers.wholes.get_mut(block) {
            *whole = self.whole;
        }
        self.block = block;
    }

    /// Another path comes into a block that was entered before.
    fn compare(&mut self, blocks: &[Block], block: usize, there: Chain) -> Result<(), Fault> {
        let here = self.chain();
        // The digest of all slots does not say whether the arena of a slot is still open; the chain does.
        if self.buffers.wholes.get(block).is_some_and(|whole| *whole != self.whole || here != there) {
            self.mixed.push(block);
        }
        if here == there {
            return Ok(());
        }
        let start = blocks.get(block).map_or(0, |block| block.instructions.start);
        let offset = self.body.get(start).map_or(0, |(offset, _)| *offset);
        self.meet(there, here, offset)
    }

    fn run(&mut self, instructions: core::ops::Range<usize>) -> Result<(), Fault> {
        let mut before = None;
        let body = self.body;
        for (offset, instruction) in body.get(instructions).unwrap_or_default() {
            if self.probe.is_some() {
                self.look(*offset);
            }
            self.step(*offset, instruction, before)?;
            before = Some(instruction);
        }
        Ok(())
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

    /// The open arenas in words: where each was opened, the outermost first.
    fn describe(&self, mut chain: Chain) -> String {
        let mut places = Vec::new();
        while let Some((below, site, _)) = self.buffers.chains.top(chain) {
            places.push(
                self.facts.sites.get(site as usize).map_or(String::new(), |site| format!("0x{:04x}", site.offset)),
            );
            chain = below;
        }
        places.reverse();
        match places.as_slice() {
            [] => "no arena".to_owned(),
            [one] => format!("the arena of {one}"),
            several => format!("the arenas of {}", several.join(", ")),
        }
    }

    fn make_dynamic(&mut self, site: usize, offset: u32) {
        if let Some(site) = self.facts.sites.get_mut(site) {
            site.disagreement.get_or_insert(offset);
        }
        // A digest that is kept for a level of this site is out of date.
        let lowest = self.open.iter().position(|open| open.site == site);
        self.forget_chains(lowest.unwrap_or(usize::MAX));
    }

    fn is_dynamic(&self, level: usize) -> bool {
        let site = self.open.get(level).and_then(|open| self.facts.sites.get(open.site));
        site.is_some_and(|site| !site.is_static())
    }

    fn forget_chains(&mut self, level: usize) {
        self.buffers.chains.forget(level);
    }

    #[cold]
    fn look(&mut self, offset: u32) {
        let seen = self.open.iter().map(|open| self.describe_arena(open)).collect();
        if let Some((_, place @ None)) = self.probe.as_mut().filter(|(wanted, _)| *wanted == offset) {
            *place = Some(seen);
        }
    }

    /// `0x0005: 64 bytes, 52 free, slot 0 in [0..4), slot 1 in [4..12)`.
    fn describe_arena(&self, open: &Open) -> String {
        const SHOWN: usize = 8;
        let Some(site) = self.facts.sites.get(open.site) else { return String::new() };
        if !site.is_static() {
            return format!("0x{:04x}: {} bytes, dynamic layout", site.offset, site.capacity);
        }
        let place = |slot: &u16| match self.state(Slot(*slot)) {
            State::Live { at, .. } => Some((*slot, at, at.saturating_add(self.size_of(Slot(*slot))))),
            _ => None,
        };
        let mut places: Vec<_> = open.slots.iter().filter_map(place).collect();
        places.sort_unstable_by_key(|(_, at, _)| *at);
        places.dedup();
        let used: u32 = places.iter().map(|(_, at, end)| end - at).sum();
        let mut words =
            format!("0x{:04x}: {} bytes, {} free", site.offset, site.capacity, site.capacity.saturating_sub(used));
        for (slot, at, end) in places.iter().take(SHOWN) {
            words.push_str(&format!(", slot {slot} in [{at}..{end})"));
        }
        if places.len() > SHOWN {
            words.push_str(&format!(", {} more", places.len() - SHOWN));
        }
        words
    }

    /// The number of what is open now.
    fn chain(&mut self) -> Chain {
        for level in self.buffers.chains.known()..self.open.len() {
            let Some((site, digest)) = self.open.get(level).map(|open| (open.site, open.digest)) else { break };
            let digest = if self.is_dynamic(level) { OPAQUE } else { digest };
            self.buffers.chains.push(site as u32, digest);
            self.owed += 1;
            if self.buffers.chains.count() > MOST_CHAINS + 2 * self.buffers.entries.len() {
                // Memory would run out before the work does.
                self.full = true;
            }
        }
        self.buffers.chains.current()
    }

    /// What one slot adds to the digest of its arena.
    fn weight(&self, slot: u16, state: State) -> u128 {
        match state {
            State::Live { at, stored, .. } => self.buffers.keys.weight(slot, u8::from(stored), at),
            State::Alias { .. } => self.buffers.keys.weight(slot, 2, 0),
            State::Gone { .. } | State::Unknown { .. } => 0,
        }
    }

    /// What one slot adds to the digest of all.
    fn weight_in_whole(&self, slot: u16, state: State) -> u128 {
        match state {
            State::Gone { freed: false } => 0,
            State::Gone { freed: true } => self.buffers.keys.weight(slot, 3, 0),
            State::Unknown { .. } => self.buffers.keys.weight(slot, 4, 0),
            State::Live { .. } | State::Alias { .. } => self.weight(slot, state),
        }
    }

    fn home(&self) -> Home {
        let level = self.open.len().saturating_sub(1);
        Home { level, number: self.open.last().map_or(0, |open| open.number) }
    }

    fn is_open(&self, home: Home) -> bool {
        self.open.get(home.level).is_some_and(|open| open.number == home.number)
    }

    fn state(&self, slot: Slot) -> State {
        let state = self.buffers.slots.get(usize::from(slot.0)).copied().unwrap_or(State::Gone { freed: false });
        match home_of(state) {
            Some(home) if !self.is_open(home) => State::Gone { freed: true },
            _ => state,
        }
    }

    fn record(&mut self, undo: Undo) {
        if self.logging {
            self.buffers.log.push(undo);
        }
    }

    fn set(&mut self, slot: u16, state: State) {
        let seen = self.state(Slot(slot));
        let Some(place) = self.buffers.slots.get_mut(usize::from(slot)) else { return };
        let before = core::mem::replace(place, state);
        self.record(Undo::Slot(slot, before));
        self.change_digest(home_of(seen), 0u128.wrapping_sub(self.weight(slot, seen)));
        self.change_digest(home_of(state), self.weight(slot, state));
        if self.purpose == Purpose::Traps {
            let (old, new) = (self.weight_in_whole(slot, before), self.weight_in_whole(slot, state));
            self.whole = self.whole.wrapping_sub(old).wrapping_add(new);
        }
    }

    fn change_digest(&mut self, home: Option<Home>, by: u128) {
        let Some(level) = home.map(|home| home.level).filter(|_| by != 0) else { return };
        let Some(open) = self.open.get_mut(level) else { return };
        let before = open.digest;
        open.digest = before.wrapping_add(by);
        self.record(Undo::Digest(level, before));
        self.forget_chains(level);
    }

    fn step(&mut self, offset: u32, instruction: &Instruction, before: Option<&Instruction>) -> Result<(), Fault> {
        self.meter.charge(1 + core::mem::take(&mut self.owed), offset)?;
        if self.full {
            return Err(self.meter.exceeded(offset));
        }
        let fault = |rule, words: String| Err(Fault::new(rule, offset, instruction.row().mnemonic, words));
        match *instruction {
            Instruction::StackAlloc { capacity } => {
                if self.open.len() >= MOST_OPEN {
                    return fault(Rule::OpenArena, format!("more than {MOST_OPEN} arenas are open at once"));
                }
                self.open_arena(offset, capacity.0);
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
                let words = format!("{} arenas are open; none may be at a return", self.open.len());
                return fault(Rule::ArenaLeft, words);
            }
            Instruction::VarAlloc { slot, mask } => self.allocate(offset, slot, mask.size()),
            Instruction::StencilAlloc { slot, size } => self.allocate(offset, slot, size.0),
            Instruction::VarPtr { slot, tag } => self.make_alias(offset, slot, tag.size(), before),
            Instruction::VarFree { slot } => self.free(offset, slot),
            Instruction::VarDrop { slot } => match self.state(slot) {
                State::Gone { .. } => {}
                State::Alias { .. } => self.set(slot.0, State::Gone { freed: true }),
                State::Live { .. } | State::Unknown { .. } => self.release(offset, slot),
            },
            Instruction::VarStore { slot } => match self.state(slot) {
                State::Gone { freed } => self.use_gone(offset, slot, freed, |slot| Trap::StoreAfterFree { slot }),
                State::Live { home, at, stored: false, placement } => {
                    self.set(slot.0, State::Live { home, at, stored: true, placement });
                }
                _ => {}
            },
            Instruction::VarLoad { slot } => match self.state(slot) {
                State::Live { stored: false, .. } => self.trap(offset, Trap::NeverStored { slot: slot.0 }),
                State::Gone { freed } => self.use_gone(offset, slot, freed, |slot| Trap::UseAfterFree { slot }),
                _ => {}
            },
            Instruction::FieldStore { slot, .. } | Instruction::ElemStore { slot, .. } => {
                if let State::Gone { freed } = self.state(slot) {
                    self.use_gone(offset, slot, freed, |slot| Trap::StoreAfterFree { slot });
                }
            }
            Instruction::FieldLoad { slot, .. }
            | Instruction::ElemLoad { slot, .. }
            | Instruction::ArrayView { slot }
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

    fn open_arena(&mut self, offset: u32, capacity: u32) {
        // Every instruction is stepped through once, so this is the first time that the site is seen.
        let site = self.facts.sites.len();
        self.facts.sites.push(Site { offset, capacity, disagreement: None, high_water: 0 });
        self.opened += 1;
        let number = self.opened;
        self.open.push(Open { site, number, free: FreeList::new(u32::MAX), slots: Vec::new(), digest: 0 });
        self.open_bytes += u64::from(capacity);
        if self.open_bytes > self.facts.most_open.0 {
            self.facts.most_open = (self.open_bytes, offset);
        }
        self.record(Undo::Opened);
    }

    fn capacity(&self, site: usize) -> u64 {
        self.facts.sites.get(site).map_or(0, |site| site.capacity.into())
    }

    /// Its slots end with it: a slot is gone when the number of its arena is.
    fn end_arena(&mut self, offset: u32) {
        let slots = self.open.last_mut().map(|open| open.slots.clone()).unwrap_or_default();
        let home = self.home();
        for slot in slots {
            let state = self.state(Slot(slot));
            if home_of(state) == Some(home) {
                self.end_placement(state, offset);
            }
        }
        if let Some(open) = self.open.pop() {
            self.open_bytes -= self.capacity(open.site);
            self.forget_chains(self.open.len());
            self.record(Undo::Ended(Box::new(open)));
        }
    }

    fn end_placement(&mut self, state: State, offset: u32) {
        if let State::Live { placement, .. } = state
            && let Some(placement) = self.facts.placements.get_mut(placement)
        {
            placement.end = placement.end.max(offset);
        }
    }

    fn list(&mut self, level: usize, slot: u16) {
        if self.purpose == Purpose::Places
            && let Some(open) = self.open.get_mut(level)
        {
            open.slots.push(slot);
            self.record(Undo::Listed(level));
        }
    }

    fn allocate(&mut self, offset: u32, slot: Slot, size: u32) {
        match self.state(slot) {
            State::Live { .. } => return self.trap(offset, Trap::AlreadyAllocated { slot: slot.0 }),
            // Whether it is there depends on the path; if it is not, it now belongs to the innermost arena.
            State::Unknown { .. } => self.irregular = self.irregular.or(Some(offset)),
            State::Gone { .. } | State::Alias { .. } => {}
        }
        let home = self.home();
        let level = home.level;
        self.list(level, slot.0);
        if self.is_dynamic(level) {
            return self.set(slot.0, State::Unknown { home });
        }
        let Some(open) = self.open.get_mut(level) else { return };
        let site = open.site;
        let Ok(at) = open.free.allocate(size) else { return };
        let end = u64::from(at) + u64::from(size);
        let capacity = self.facts.sites.get(site).map_or(0, |site| site.capacity);
        self.record(Undo::Reserved(level, at, size));
        if end > u64::from(capacity) {
            let (free, largest) = self.room(level, capacity, at, size);
            self.owed += self.open.get(level).map_or(0, |open| open.free.blocks().count() as u64);
            self.trap_in(offset, Trap::OutOfMemory { need: size, free, largest }, Some((site, slot.0)));
        }
        if let Some(site) = self.facts.sites.get_mut(site) {
            site.high_water = site.high_water.max(u32::try_from(end).unwrap_or(u32::MAX));
        }
        let placement = self.facts.placements.len();
        if self.purpose == Purpose::Places {
            self.facts.placements.push(Placement { offset, end: offset, slot: slot.0, site, at, size });
        }
        self.set(slot.0, State::Live { home, at, stored: false, placement });
    }

    /// Free bytes within the capacity, in all and in one hole, before a range was reserved that does not fit.
    fn room(&self, level: usize, capacity: u32, at: u32, size: u32) -> (u32, u32) {
        let Some(open) = self.open.get(level) else { return (0, 0) };
        let reserved = (at < capacity).then(|| capacity - at.min(capacity)).map(|width| width.min(size));
        let holes = open.free.blocks().filter(|(start, _)| *start < capacity);
        let widths = holes.map(|(start, width)| width.min(capacity - start)).chain(reserved);
        widths.fold((0, 0), |(sum, most): (u32, u32), width| (sum.saturating_add(width), most.max(width)))
    }

    fn make_alias(&mut self, offset: u32, slot: Slot, size: u32, before: Option<&Instruction>) {
        let home = self.home();
        let level = home.level;
        if let Some(Instruction::LoadConst { index }) = before
            && let Some(start) = self.integer(index.0)
        {
            let capacity = self.open.get(level).map_or(0, |open| self.capacity(open.site)) as u32;
            let fits = start.checked_add(i64::from(size)).is_some_and(|end| start >= 0 && end <= i64::from(capacity));
            if !fits {
                self.trap_once(offset, Trap::AliasOutOfBounds { offset: start, size, capacity });
            }
        }
        if home_of(self.state(slot)) != Some(home) {
            self.list(level, slot.0);
        }
        let state = if self.is_dynamic(level) { State::Unknown { home } } else { State::Alias { home } };
        self.set(slot.0, state);
    }

    fn integer(&self, constant: u32) -> Option<i64> {
        match self.parsed.constant(constant)? {
            crate::container::Value::Scalar(tag, cell) => {
                use crate::types::Tag;
                matches!(tag, Tag::Byte | Tag::Short | Tag::Int | Tag::Long).then_some(cell as i64)
            }
            crate::container::Value::String(_) => None,
        }
    }

    fn free(&mut self, offset: u32, slot: Slot) {
        match self.state(slot) {
            State::Live { .. } => self.release(offset, slot),
            State::Unknown { .. } if self.is_alias(slot) => self.trap(offset, Trap::FreeOfAlias { slot: slot.0 }),
            State::Unknown { .. } => self.release(offset, slot),
            State::Alias { .. } => self.trap(offset, Trap::FreeOfAlias { slot: slot.0 }),
            // An alias stays one when its arena has ended.
            State::Gone { freed: true } if self.is_alias(slot) => {
                self.trap(offset, Trap::FreeOfAlias { slot: slot.0 });
            }
            State::Gone { freed } => self.use_gone(offset, slot, freed, |slot| Trap::DoubleFree { slot }),
        }
    }

    fn is_alias(&self, slot: Slot) -> bool {
        matches!(self.function.slots.get(usize::from(slot.0)), Some(SlotKind::Alias(_)))
    }

    fn release(&mut self, offset: u32, slot: Slot) {
        let state = self.state(slot);
        self.end_placement(state, offset);
        if let State::Live { home: Home { level, .. }, at, .. } = state {
            let size = self.size_of(slot);
            if let Some(open) = self.open.get_mut(level)
                && open.free.release(at, size).is_ok()
            {
                self.record(Undo::Released(level, at, size));
            }
        }
        self.set(slot.0, State::Gone { freed: true });
    }

    fn size_of(&self, slot: Slot) -> u32 {
        match self.function.slots.get(usize::from(slot.0)) {
            Some(SlotKind::Variable(mask)) => mask.size(),
            Some(SlotKind::Stencil(type_ref)) => self.stencils.size(*type_ref),
            Some(SlotKind::Alias(_)) | None => 0,
        }
    }

    /// A slot is used that is gone. On another path it may be gone for another reason, so what happens here is for the
    /// slot table to say, and the whole function keeps one.
    fn use_gone(&mut self, offset: u32, slot: Slot, freed: bool, trap: impl FnOnce(u16) -> Trap) {
        let trap = if freed { trap(slot.0) } else { Trap::NeverAllocated { slot: slot.0 } };
        self.trap(offset, trap);
    }

    /// An instruction that traps whenever it is reached in the state that was found. The function keeps slot tables.
    fn trap(&mut self, offset: u32, trap: Trap) {
        self.irregular = self.irregular.or(Some(offset));
        self.trap_once(offset, trap);
    }

    fn trap_once(&mut self, offset: u32, trap: Trap) {
        self.trap_in(offset, trap, None);
    }

    fn trap_in(&mut self, offset: u32, trap: Trap, room: Option<(usize, u16)>) {
        if self.facts.certain.len() < MOST_TRAPS {
            self.facts.certain.push((offset, trap));
            self.trap_places.push(TrapPlace { block: self.block, room });
        }
    }

    fn roll_back(&mut self, mark: usize) {
        while self.buffers.log.len() > mark {
            match self.buffers.log.pop() {
                Some(Undo::Slot(slot, state)) => {
                    if self.purpose == Purpose::Traps {
                        let now = self.buffers.slots.get(usize::from(slot)).copied().unwrap_or(state);
                        let (old, new) = (self.weight_in_whole(slot, now), self.weight_in_whole(slot, state));
                        self.whole = self.whole.wrapping_sub(old).wrapping_add(new);
                    }
                    if let Some(place) = self.buffers.slots.get_mut(usize::from(slot)) {
                        *place = state;
                    }
                }
                Some(Undo::Reserved(level, at, size)) => {
                    if let Some(open) = self.open.get_mut(level) {
                        let released = open.free.release(at, size);
                        debug_assert!(released.is_ok());
                    }
                }
                Some(Undo::Released(level, at, size)) => {
                    if let Some(open) = self.open.get_mut(level) {
                        let taken = open.free.take(at, size);
                        debug_assert!(taken.is_ok());
                    }
                }
                Some(Undo::Digest(level, digest)) => {
                    if let Some(open) = self.open.get_mut(level) {
                        open.digest = digest;
                    }
                    self.forget_chains(level);
                }
                Some(Undo::Listed(level)) => {
                    if let Some(open) = self.open.get_mut(level) {
                        open.slots.pop();
                    }
                }
                Some(Undo::Opened) => {
                    if let Some(open) = self.open.pop() {
                        self.open_bytes -= self.capacity(open.site);
                    }
                    self.forget_chains(self.open.len());
                }
                Some(Undo::Ended(open)) => {
                    self.forget_chains(self.open.len());
                    self.open_bytes += self.capacity(open.site);
                    self.open.push(*open);
                }
                None => break,
            }
        }
    }

    fn finish(mut self, blocks: &[Block]) -> Arenas {
        if let Some(offset) = self.irregular {
            for site in &mut self.facts.sites {
                site.disagreement.get_or_insert(offset);
            }
        }
        self.keep_certain_traps(blocks);
        let mut facts = self.facts;
        let sites = &facts.sites;
        let is_static = |site: usize| sites.get(site).is_some_and(Site::is_static);
        facts.placements.retain(|placement| is_static(placement.site));
        facts.placements.sort_by_key(|placement| placement.offset);
        facts.calls.sort_unstable();
        facts.certain.sort_by_key(|(offset, _)| *offset);
        facts.certain.dedup();
        facts
    }

    /// Forgets the traps that were found on one path and may not happen on another: behind a place where paths come
    /// with different slots. An arena of static layout that runs out does so on all paths, unless the slot could be
    /// there already on one of them.
    fn keep_certain_traps(&mut self, blocks: &[Block]) {
        let uncertain = reached_from(blocks, core::mem::take(&mut self.mixed));
        if uncertain.is_empty() {
            return;
        }
        // By slot, how many instructions allocate it, counted up to two.
        let mut allocations = vec![0u8; self.function.slots.len()];
        for (_, instruction) in self.body {
            if let Instruction::VarAlloc { slot, .. } | Instruction::StencilAlloc { slot, .. } = instruction
                && let Some(count) = allocations.get_mut(usize::from(slot.0))
            {
                *count = (*count + 1).min(2);
            }
        }
        let is_certain = |place: &TrapPlace| match place.room {
            _ if uncertain.get(place.block) != Some(&true) => true,
            Some((site, slot)) => {
                let is_static = self.facts.sites.get(site).is_some_and(Site::is_static);
                is_static && allocations.get(usize::from(slot)) == Some(&1)
            }
            None => false,
        };
        let certain: Vec<bool> = self.trap_places.iter().map(is_certain).collect();
        let mut certain = certain.into_iter();
        self.facts.certain.retain(|_| certain.next().unwrap_or(false));
    }
}

/// Which blocks paths from these lead to, they themselves among them; empty if there are none.
fn reached_from(blocks: &[Block], mut work: Vec<usize>) -> Vec<bool> {
    let mut reached = vec![false; if work.is_empty() { 0 } else { blocks.len() }];
    while let Some(block) = work.pop() {
        let Some(place) = reached.get_mut(block).filter(|reached| !**reached) else { continue };
        *place = true;
        work.extend(blocks.get(block).into_iter().flat_map(|block| block.successors).flatten());
    }
    reached
}

fn home_of(state: State) -> Option<Home> {
    match state {
        State::Live { home, .. } | State::Alias { home } | State::Unknown { home } => Some(home),
        State::Gone { .. } => None,
    }
}
