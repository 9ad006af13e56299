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

use super::Fault;
use crate::blocks::{Block, Body};
use crate::container::{Function, SlotKind};
use crate::error::Rule;
use crate::free_list::FreeList;
use crate::instruction::{Instruction, Slot};
use crate::parsed::Parsed;
use crate::stencil::StencilTable;
use crate::trap::Trap;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// The most arenas that may be open at once in a function.
pub const MOST_OPEN: usize = 256;

/// What is known of the arenas of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arenas {
    /// The `alloc` blocks, by the offsets of their `STACK_ALLOC`; those that cannot be reached are not there.
    pub sites: Vec<Site>,
    /// Where slots are placed in blocks of static layout, by the offsets of the instructions.
    pub placements: Vec<Placement>,
    /// Bytes of open arenas at each call, by the offsets of the calls.
    pub calls: Vec<(u32, u64)>,
    /// The most bytes of open arenas, and the offset of the `STACK_ALLOC` that brings them there.
    pub most_open: (u64, u32),
    /// Instructions that trap whenever they are reached, by offset.
    pub certain: Vec<(u32, Trap)>,
}

/// An `alloc` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The offset of its `STACK_ALLOC`.
    pub offset: u32,
    /// Its bytes.
    pub capacity: u32,
    /// The offset of the place where paths disagree about it; `None` if its layout is static.
    pub disagreement: Option<u32>,
    /// The smallest capacity that is enough for what is known to be placed in it.
    pub high_water: u32,
}

impl Site {
    /// Whether every offset in it is a constant.
    pub fn is_static(&self) -> bool {
        self.disagreement.is_none()
    }

    /// Whether it can never run out of memory.
    pub fn always_fits(&self) -> bool {
        self.is_static() && self.high_water <= self.capacity
    }
}

/// A slot in a block of static layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The offset of the instruction that allocates it.
    pub offset: u32,
    /// The offset of the last instruction that ends it.
    pub end: u32,
    /// The slot.
    pub slot: u16,
    /// The index of its site.
    pub site: usize,
    /// The offset of its first byte in the arena.
    pub at: u32,
    /// Its bytes.
    pub size: u32,
}

/// What is known of a slot here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not there: never allocated, freed, or its arena has ended.
    Gone { freed: bool },
    /// It has bytes in an open arena.
    Live { level: usize, at: u32, stored: bool, placement: usize },
    /// An alias into an open arena.
    Alias { level: usize },
    /// It belongs to an open arena of dynamic layout.
    Unknown { level: usize },
}

/// An open arena.
#[derive(Debug, Clone)]
struct Open {
    site: usize,
    /// Without end, so that what does not fit shows how much would.
    free: FreeList,
    /// Slots that were put into it; those that are gone may still be named.
    slots: Vec<u16>,
    digest: u128,
}

/// A step that can be taken back.
enum Undo {
    Slot(u16, State),
    Reserved(usize, u32, u32),
    Released(usize, u32, u32),
    Digest(usize, u128),
    Listed(usize),
    Opened,
    Ended(Box<Open>),
}

/// The open arenas at the start of a block, as a number: 0 is none.
type Chain = u32;

struct Pass<'p> {
    parsed: &'p Parsed<'p>,
    stencils: &'p StencilTable,
    function: &'p Function<'p>,
    body: &'p Body,
    facts: Arenas,
    site_of: HashMap<u32, usize>,
    slots: Vec<State>,
    open: Vec<Open>,
    open_bytes: u64,
    log: Vec<Undo>,
    /// The chain of each level, as far as it is up to date.
    chains_of_levels: Vec<Chain>,
    chains: Vec<(Chain, usize, u128)>,
    chain_numbers: HashMap<(Chain, usize, u128), Chain>,
    keys: [RandomState; 2],
    /// The first instruction that uses a slot that is gone: what happens there depends on the path.
    irregular: Option<u32>,
}

/// The digest of an arena of dynamic layout.
const OPAQUE: u128 = u128::MAX;

pub(super) fn check(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    body: &Body,
    blocks: &[Block],
) -> Result<Arenas, Fault> {
    let mut pass = Pass {
        parsed,
        stencils: parsed.stencils(),
        function,
        body,
        facts: Arenas::default(),
        site_of: HashMap::new(),
        slots: vec![State::Gone { freed: false }; function.slots.len()],
        open: Vec::new(),
        open_bytes: 0,
        log: Vec::new(),
        chains_of_levels: Vec::new(),
        chains: vec![(0, usize::MAX, 0)],
        chain_numbers: HashMap::new(),
        keys: [RandomState::new(), RandomState::new()],
        irregular: None,
    };
    pass.walk(blocks)?;
    Ok(pass.finish())
}

impl Pass<'_> {
    /// Depth first over the blocks; each is stepped through once, in the state of the first path into it.
    fn walk(&mut self, blocks: &[Block]) -> Result<(), Fault> {
        let mut entries: Vec<Option<Chain>> = vec![None; blocks.len()];
        // A block that is being left: which one, the next successor to look at, and the log's length before it.
        let mut path: Vec<(usize, usize, usize)> = Vec::new();
        let mut enter = if blocks.is_empty() { None } else { Some(0) };
        loop {
            if let Some(block) = enter.take() {
                let mark = self.log.len();
                let chain = self.chain();
                if let Some(entry) = entries.get_mut(block) {
                    *entry = Some(chain);
                }
                self.run(blocks.get(block).map(|block| block.instructions.clone()).unwrap_or_default())?;
                path.push((block, 0, mark));
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
            match entries.get(successor).copied().flatten() {
                None => enter = Some(successor),
                Some(there) => {
                    let here = self.chain();
                    if here != there {
                        let start = blocks.get(successor).map_or(0, |block| block.instructions.start);
                        let offset = self.body.get(start).map_or(0, |(offset, _)| *offset);
                        self.meet(there, here, offset)?;
                    }
                }
            }
        }
    }

    fn run(&mut self, instructions: core::ops::Range<usize>) -> Result<(), Fault> {
        let mut before = None;
        let body = self.body;
        for (offset, instruction) in body.get(instructions).unwrap_or_default() {
            self.step(*offset, instruction, before)?;
            before = Some(instruction);
        }
        Ok(())
    }

    /// Two paths meet: the same arenas must be open, and those that look different are dynamic from now on.
    fn meet(&mut self, first: Chain, second: Chain, offset: u32) -> Result<(), Fault> {
        let (mut a, mut b) = (first, second);
        while a != b {
            let (Some((below_a, site_a, digest_a)), Some((below_b, site_b, digest_b))) =
                (self.chains.get(a as usize).copied(), self.chains.get(b as usize).copied())
            else {
                break;
            };
            if site_a != site_b || a == 0 || b == 0 {
                let words = format!("paths meet with {} and with {} open", self.describe(first), self.describe(second));
                return Err(Fault::new(Rule::ArenaJoin, offset, "", words));
            }
            if digest_a != digest_b {
                self.make_dynamic(site_a, offset);
            }
            (a, b) = (below_a, below_b);
        }
        Ok(())
    }

    /// The open arenas in words: where each was opened, the outermost first.
    fn describe(&self, mut chain: Chain) -> String {
        let mut places = Vec::new();
        while let Some((below, site, _)) = self.chains.get(chain as usize).copied().filter(|_| chain != 0) {
            places.push(self.facts.sites.get(site).map_or(String::new(), |site| format!("0x{:04x}", site.offset)));
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
        self.chains_of_levels.truncate(level);
    }

    /// The number of what is open now.
    fn chain(&mut self) -> Chain {
        let mut chain = self.chains_of_levels.last().copied().unwrap_or(0);
        for level in self.chains_of_levels.len()..self.open.len() {
            let Some(open) = self.open.get(level) else { break };
            let digest = if self.is_dynamic(level) { OPAQUE } else { open.digest };
            let key = (chain, open.site, digest);
            chain = match self.chain_numbers.get(&key) {
                Some(known) => *known,
                None => {
                    let number = self.chains.len() as Chain;
                    self.chains.push(key);
                    self.chain_numbers.insert(key, number);
                    number
                }
            };
            self.chains_of_levels.push(chain);
        }
        chain
    }

    /// What one slot adds to the digest of its arena. The keys are not known to whoever made the file.
    fn weight(&self, slot: u16, state: State) -> u128 {
        let fact = match state {
            State::Live { at, stored, .. } => (slot, 1u8, at, stored),
            State::Alias { .. } => (slot, 2, 0, false),
            State::Gone { .. } | State::Unknown { .. } => return 0,
        };
        let [low, high] = &self.keys;
        u128::from(low.hash_one(fact)) | u128::from(high.hash_one(fact)) << 64
    }

    fn state(&self, slot: Slot) -> State {
        self.slots.get(usize::from(slot.0)).copied().unwrap_or(State::Gone { freed: false })
    }

    fn set(&mut self, slot: u16, state: State) {
        let Some(place) = self.slots.get_mut(usize::from(slot)) else { return };
        let before = core::mem::replace(place, state);
        self.log.push(Undo::Slot(slot, before));
        self.change_digest(level_of(before), 0u128.wrapping_sub(self.weight(slot, before)));
        self.change_digest(level_of(state), self.weight(slot, state));
    }

    fn change_digest(&mut self, level: Option<usize>, by: u128) {
        let Some((level, open)) = level.and_then(|level| Some((level, self.open.get_mut(level)?))) else { return };
        if by != 0 {
            self.log.push(Undo::Digest(level, open.digest));
            open.digest = open.digest.wrapping_add(by);
            self.forget_chains(level);
        }
    }

    fn step(&mut self, offset: u32, instruction: &Instruction, before: Option<&Instruction>) -> Result<(), Fault> {
        let mnemonic = instruction.row().mnemonic;
        let fault = |rule, words: String| Err(Fault::new(rule, offset, mnemonic, words));
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
                State::Live { level, at, stored: false, placement } => {
                    self.set(slot.0, State::Live { level, at, stored: true, placement });
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
        let next = self.facts.sites.len();
        let site = *self.site_of.entry(offset).or_insert(next);
        if site == next {
            self.facts.sites.push(Site { offset, capacity, disagreement: None, high_water: 0 });
        }
        self.open.push(Open { site, free: FreeList::new(u32::MAX), slots: Vec::new(), digest: 0 });
        self.open_bytes += u64::from(capacity);
        if self.open_bytes > self.facts.most_open.0 {
            self.facts.most_open = (self.open_bytes, offset);
        }
        self.log.push(Undo::Opened);
    }

    fn capacity(&self, site: usize) -> u64 {
        self.facts.sites.get(site).map_or(0, |site| site.capacity.into())
    }

    fn end_arena(&mut self, offset: u32) {
        let level = self.open.len().saturating_sub(1);
        let slots = self.open.last().map(|open| open.slots.clone()).unwrap_or_default();
        for slot in slots {
            let state = self.state(Slot(slot));
            if level_of(state) == Some(level) {
                self.end_placement(state, offset);
                self.set(slot, State::Gone { freed: true });
            }
        }
        if let Some(open) = self.open.pop() {
            self.open_bytes -= self.capacity(open.site);
            self.forget_chains(level);
            self.log.push(Undo::Ended(Box::new(open)));
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
        if let Some(open) = self.open.get_mut(level) {
            open.slots.push(slot);
            self.log.push(Undo::Listed(level));
        }
    }

    fn allocate(&mut self, offset: u32, slot: Slot, size: u32) {
        match self.state(slot) {
            State::Live { .. } => return self.trap(offset, Trap::AlreadyAllocated { slot: slot.0 }),
            // Whether it is there depends on the path; if it is not, it now belongs to the innermost arena.
            State::Unknown { .. } => self.irregular = self.irregular.or(Some(offset)),
            State::Gone { .. } | State::Alias { .. } => {}
        }
        let level = self.open.len() - 1;
        self.list(level, slot.0);
        if self.is_dynamic(level) {
            return self.set(slot.0, State::Unknown { level });
        }
        let Some(open) = self.open.get_mut(level) else { return };
        let site = open.site;
        let Ok(at) = open.free.allocate(size) else { return };
        let end = u64::from(at) + u64::from(size);
        let capacity = self.facts.sites.get(site).map_or(0, |site| site.capacity);
        self.log.push(Undo::Reserved(level, at, size));
        if end > u64::from(capacity) {
            let (free, largest) = self.room(level, capacity, at, size);
            self.trap_once(offset, Trap::OutOfMemory { need: size, free, largest });
        }
        if let Some(site) = self.facts.sites.get_mut(site) {
            site.high_water = site.high_water.max(u32::try_from(end).unwrap_or(u32::MAX));
        }
        let placement = self.facts.placements.len();
        self.facts.placements.push(Placement { offset, end: offset, slot: slot.0, site, at, size });
        self.set(slot.0, State::Live { level, at, stored: false, placement });
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
        let level = self.open.len() - 1;
        if let Some(Instruction::LoadConst { index }) = before
            && let Some(start) = self.integer(index.0)
        {
            let capacity = self.open.get(level).map_or(0, |open| self.capacity(open.site)) as u32;
            let fits = start.checked_add(i64::from(size)).is_some_and(|end| start >= 0 && end <= i64::from(capacity));
            if !fits {
                self.trap_once(offset, Trap::AliasOutOfBounds { offset: start, size, capacity });
            }
        }
        if level_of(self.state(slot)) != Some(level) {
            self.list(level, slot.0);
        }
        let state = if self.is_dynamic(level) { State::Unknown { level } } else { State::Alias { level } };
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
            State::Gone { freed } => self.use_gone(offset, slot, freed, |slot| Trap::DoubleFree { slot }),
        }
    }

    fn is_alias(&self, slot: Slot) -> bool {
        matches!(self.function.slots.get(usize::from(slot.0)), Some(SlotKind::Alias(_)))
    }

    fn release(&mut self, offset: u32, slot: Slot) {
        let state = self.state(slot);
        self.end_placement(state, offset);
        if let State::Live { level, at, .. } = state {
            let size = self.size_of(slot);
            if let Some(open) = self.open.get_mut(level)
                && open.free.release(at, size).is_ok()
            {
                self.log.push(Undo::Released(level, at, size));
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
        self.facts.certain.push((offset, trap));
    }

    fn roll_back(&mut self, mark: usize) {
        while self.log.len() > mark {
            match self.log.pop() {
                Some(Undo::Slot(slot, state)) => {
                    if let Some(place) = self.slots.get_mut(usize::from(slot)) {
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

    fn finish(self) -> Arenas {
        let Pass { mut facts, irregular, .. } = self;
        if let Some(offset) = irregular {
            for site in &mut facts.sites {
                site.disagreement.get_or_insert(offset);
            }
        }
        let sites = &facts.sites;
        let is_static = |site: usize| sites.get(site).is_some_and(Site::is_static);
        facts.placements.retain(|placement| is_static(placement.site));
        facts.placements.sort_by_key(|placement| placement.offset);
        facts.calls.sort_unstable();
        facts.certain.sort_by_key(|(offset, _)| *offset);
        facts.certain.dedup();
        facts
    }
}

fn level_of(state: State) -> Option<usize> {
    match state {
        State::Live { level, .. } | State::Alias { level } | State::Unknown { level } => Some(level),
        State::Gone { .. } => None,
    }
}
