//! The state that the pass walks with: which arenas are open, what stands where, and how a step is taken back.

use super::chain::Chain;
use super::{Home, MOST_CHAINS, OPAQUE, Open, Pass, Placement, Purpose, Site, State, Undo};
use crate::allocator::{Allocator, Strategy};
use crate::container::SlotKind;
use crate::instruction::{Instruction, Slot};
use crate::trap::Trap;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;

impl Pass<'_> {
    pub(super) fn make_dynamic(&mut self, site: usize, offset: u32) {
        if let Some(site) = self.facts.sites.get_mut(site) {
            site.disagreement.get_or_insert(offset);
        }
        // A digest that is kept for a level of this site is out of date.
        let lowest = self.open.iter().position(|open| open.site == site);
        self.forget_chains(lowest.unwrap_or(usize::MAX));
    }

    pub(super) fn is_dynamic(&self, level: usize) -> bool {
        let site = self.open.get(level).and_then(|open| self.facts.sites.get(open.site));
        site.is_some_and(|site| !site.is_static())
    }

    pub(super) fn forget_chains(&mut self, level: usize) {
        self.buffers.chains.forget(level);
    }

    /// The number of what is open now.
    pub(super) fn chain(&mut self) -> Chain {
        for level in self.buffers.chains.known()..self.open.len() {
            let Some(open) = self.open.get(level) else { break };
            let site = open.site;
            // What was there and is gone still counts where bytes are not given back.
            let gone = match open.places.strategy().gives_back() {
                true => 0,
                false => self.buffers.keys.weight(0, 5, open.places.taken()),
            };
            let digest = open.digest.wrapping_add(gone);
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

    /// What one slot adds to the digest of its arena: where it stands. Whether something was stored there moves nothing.
    pub(super) fn weight(&self, slot: u16, state: State) -> u128 {
        match state {
            State::Live { at, .. } => self.buffers.keys.weight(slot, 0, at),
            State::Alias { .. } => self.buffers.keys.weight(slot, 2, 0),
            State::Gone { .. } | State::Unknown { .. } => 0,
        }
    }

    /// What one slot adds to the digest of those that are watched: not where it stands, but in which of the arenas, of which
    /// each site has one on the way that is walked.
    pub(super) fn weight_in_whole(&self, slot: u16, state: State) -> u128 {
        if self.buffers.watched.get(usize::from(slot)) != Some(&true) {
            return 0;
        }
        let (form, number) = match state {
            State::Gone { freed: false } => return 0,
            State::Gone { freed: true } => (3, 0),
            State::Unknown { home } => (4, home.number),
            State::Live { home, stored, .. } => (u8::from(stored), home.number),
            State::Alias { home, .. } => (2, home.number),
        };
        self.buffers.keys.weight(slot, form, number)
    }

    pub(super) fn home(&self) -> Home {
        let level = self.open.len().saturating_sub(1);
        Home { level, number: self.open.last().map_or(0, |open| open.number) }
    }

    pub(super) fn is_open(&self, home: Home) -> bool {
        self.open.get(home.level).is_some_and(|open| open.number == home.number)
    }

    pub(super) fn state(&self, slot: Slot) -> State {
        let state = self.buffers.slots.get(usize::from(slot.0)).copied().unwrap_or(State::Gone { freed: false });
        match home_of(state) {
            Some(home) if !self.is_open(home) => State::Gone { freed: true },
            _ => state,
        }
    }

    pub(super) fn record(&mut self, undo: Undo) {
        if self.logging {
            self.buffers.log.push(undo);
        }
    }

    pub(super) fn set(&mut self, slot: u16, state: State) {
        let seen = self.state(Slot(slot));
        let Some(place) = self.buffers.slots.get_mut(usize::from(slot)) else { return };
        let before = core::mem::replace(place, state);
        self.record(Undo::Slot(slot, before));
        self.pass_on(slot, before, state);
        self.change_digest(home_of(seen), 0u128.wrapping_sub(self.weight(slot, seen)));
        self.change_digest(home_of(state), self.weight(slot, state));
        if self.purpose == Purpose::Traps {
            let (old, new) = (self.weight_in_whole(slot, before), self.weight_in_whole(slot, state));
            self.whole = self.whole.wrapping_sub(old).wrapping_add(new);
        }
    }

    /// What is told of lives and of open arenas follows the state of a slot.
    fn pass_on(&mut self, slot: u16, before: State, after: State) {
        if self.purpose != Purpose::Places {
            return;
        }
        self.lives.stop(before, &mut self.facts);
        self.lives.begin(after);
        if self.probe.wants_slots() {
            // One that is ended keeps its slots, and has them when that is taken back.
            if let Some(open) = home_of(before).and_then(|home| self.open_at(home)) {
                open.slots.remove(&slot);
            }
            if let Some(open) = home_of(after).and_then(|home| self.open_at(home)) {
                open.slots.insert(slot);
            }
        }
    }

    fn open_at(&mut self, home: Home) -> Option<&mut Open> {
        self.open.get_mut(home.level).filter(|open| open.number == home.number)
    }

    pub(super) fn change_digest(&mut self, home: Option<Home>, by: u128) {
        let Some(level) = home.map(|home| home.level).filter(|_| by != 0) else { return };
        let Some(open) = self.open.get_mut(level) else { return };
        let before = open.digest;
        open.digest = before.wrapping_add(by);
        self.record(Undo::Digest(level, before));
        self.forget_chains(level);
    }

    pub(super) fn open_arena(&mut self, offset: u32, strategy: Strategy, capacity: u32) {
        // Every instruction is stepped through once, so this is the first time that the site is seen.
        let site = self.facts.sites.len();
        self.facts.sites.push(Site { offset, strategy, capacity, disagreement: None, high_water: 0 });
        self.opened += 1;
        let number = self.opened;
        let places = Allocator::new(strategy, u32::MAX);
        self.open.push(Open { site, number, places, slots: BTreeSet::new(), digest: 0, has_run_out: false });
        self.open_bytes += u64::from(capacity);
        let (most, at) = self.facts.most_open;
        // The order in which blocks are walked through shall not be seen.
        if self.open_bytes > most || (self.open_bytes == most && offset < at) {
            self.facts.most_open = (self.open_bytes, offset);
        }
        self.record(Undo::Opened);
    }

    /// The most bytes that a slot can have in the innermost arena.
    pub(super) fn widest(&self) -> u32 {
        self.open.last().map_or(u32::MAX, |open| open.places.strategy().widest())
    }

    pub(super) fn capacity(&self, site: usize) -> u64 {
        self.facts.sites.get(site).map_or(0, |site| site.capacity.into())
    }

    /// Its slots end with it: a slot is gone when the number of its arena is.
    pub(super) fn end_arena(&mut self, offset: u32) {
        if let Some(open) = self.open.pop() {
            self.open_bytes -= self.capacity(open.site);
            self.forget_chains(self.open.len());
            if self.purpose == Purpose::Places {
                self.lives.end_arena(open.site, offset);
            }
            self.record(Undo::Ended(Box::new(open)));
        }
    }

    pub(super) fn end_placement(&mut self, state: State, offset: u32) {
        let placement = match state {
            State::Live { placement, .. } => self.facts.placements.get_mut(placement),
            State::Alias { alias, .. } => self.facts.aliases.get_mut(alias),
            State::Gone { .. } | State::Unknown { .. } => None,
        };
        if let Some(placement) = placement {
            placement.end = placement.end.max(offset);
        }
    }

    pub(super) fn allocate(&mut self, offset: u32, slot: Slot, size: u32) {
        let home = self.home();
        let level = home.level;
        let is_there = matches!(self.state(slot), State::Live { .. });
        if let State::Live { home: there, .. } = self.state(slot) {
            self.trap(offset, Trap::AlreadyAllocated { slot: slot.0 });
            if there == home {
                return;
            }
            // On another path it may be gone, and is placed here. Which one is walked first must make no difference.
            self.release(offset, slot);
        }
        if self.is_dynamic(level) {
            return self.set(slot.0, State::Unknown { home });
        }
        let Some(open) = self.open.get_mut(level) else { return };
        let site = open.site;
        let taken = open.places.strategy().taken_by(size);
        let capacity = self.facts.sites.get(site).map_or(0, |site| site.capacity);
        // Who is behind a place where it runs out has never come there.
        let has_run_out = open.has_run_out;
        let place = open.places.allocate(size).ok();
        // What has no place in any arena ends where none does.
        let end = place.map_or(u64::MAX, |at| u64::from(at) + u64::from(taken));
        if let Some(at) = place {
            self.record(Undo::Reserved(level, at, taken));
        }
        if end > u64::from(capacity) && !is_there && !has_run_out {
            let (free, largest) = self.room(level, capacity, place.unwrap_or(u32::MAX), taken);
            self.owed += self.open.get(level).map_or(0, |open| open.places.free().blocks().count() as u64);
            self.trap_in(offset, Trap::OutOfMemory { need: taken, free, largest }, Some((site, slot.0)));
            self.run_out(level);
        }
        if let Some(site) = self.facts.sites.get_mut(site) {
            site.high_water = site.high_water.max(u32::try_from(end).unwrap_or(u32::MAX));
        }
        let Some(at) = place else { return self.set(slot.0, State::Unknown { home }) };
        let placement = self.facts.placements.len();
        if self.purpose == Purpose::Places {
            self.facts.placements.push(Placement { offset, end: offset, slot: slot.0, site, at, size });
        }
        self.set(slot.0, State::Live { home, at, stored: false, placement });
    }

    fn run_out(&mut self, level: usize) {
        if let Some(open) = self.open.get_mut(level) {
            open.has_run_out = true;
            self.record(Undo::RanOut(level));
        }
    }

    pub(super) fn make_alias(&mut self, offset: u32, slot: Slot, size: u32, before: Option<&Instruction>) {
        let home = self.home();
        let level = home.level;
        let site = self.open.get(level).map_or(0, |open| open.site);
        let capacity = self.capacity(site) as u32;
        // Where it points, as far as that is known.
        let mut bytes = 0..capacity;
        if let Some(Instruction::LoadConst { index }) = before
            && let Some(start) = self.parsed.integer_constant(index.0)
        {
            let end = start.checked_add(i64::from(size)).filter(|end| start >= 0 && *end <= i64::from(capacity));
            match end {
                Some(end) => bytes = start as u32..end as u32,
                None => self.trap(offset, Trap::AliasOutOfBounds { offset: start, size, capacity }),
            }
        }
        self.end_placement(self.state(slot), offset);
        let alias = self.facts.aliases.len();
        if self.purpose == Purpose::Places && !self.is_dynamic(level) {
            let (at, size) = (bytes.start, bytes.end - bytes.start);
            self.facts.aliases.push(Placement { offset, end: offset, slot: slot.0, site, at, size });
        }
        let state = if self.is_dynamic(level) { State::Unknown { home } } else { State::Alias { home, alias } };
        self.set(slot.0, state);
    }

    pub(super) fn free(&mut self, offset: u32, slot: Slot) {
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

    pub(super) fn is_alias(&self, slot: Slot) -> bool {
        matches!(self.function.slots.get(usize::from(slot.0)), Some(SlotKind::Alias(_)))
    }

    pub(super) fn release(&mut self, offset: u32, slot: Slot) {
        let state = self.state(slot);
        self.end_placement(state, offset);
        if let State::Live { home: Home { level, .. }, at, .. } = state {
            let size = self.size_of(slot);
            if let Some(open) = self.open.get_mut(level)
                && open.places.release(at, size).is_ok()
            {
                self.record(Undo::Released(level, at, size));
            }
        }
        self.set(slot.0, State::Gone { freed: true });
    }

    pub(super) fn size_of(&self, slot: Slot) -> u32 {
        match self.function.slots.get(usize::from(slot.0)) {
            Some(SlotKind::Variable(mask)) => mask.size(),
            Some(SlotKind::Stencil(type_ref)) => self.stencils.size(*type_ref),
            Some(SlotKind::Alias(_)) | None => 0,
        }
    }

    pub(super) fn roll_back(&mut self, mark: usize) {
        while self.buffers.log.len() > mark {
            match self.buffers.log.pop() {
                Some(Undo::Slot(slot, state)) => {
                    if self.purpose == Purpose::Traps {
                        let now = self.buffers.slots.get(usize::from(slot)).copied().unwrap_or(state);
                        let (old, new) = (self.weight_in_whole(slot, now), self.weight_in_whole(slot, state));
                        self.whole = self.whole.wrapping_sub(old).wrapping_add(new);
                    }
                    if let Some(place) = self.buffers.slots.get_mut(usize::from(slot)) {
                        let before = core::mem::replace(place, state);
                        self.pass_on(slot, before, state);
                    }
                }
                Some(Undo::Reserved(level, at, size)) => {
                    if let Some(open) = self.open.get_mut(level) {
                        let released = open.places.take_back_allocate(at, size);
                        debug_assert!(released.is_ok());
                    }
                }
                Some(Undo::Released(level, at, size)) => {
                    if let Some(open) = self.open.get_mut(level) {
                        let taken = open.places.take_back_release(at, size);
                        debug_assert!(taken.is_ok());
                    }
                }
                Some(Undo::RanOut(level)) => {
                    if let Some(open) = self.open.get_mut(level) {
                        open.has_run_out = false;
                    }
                }
                Some(Undo::Digest(level, digest)) => {
                    if let Some(open) = self.open.get_mut(level) {
                        open.digest = digest;
                    }
                    self.forget_chains(level);
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
}

pub(super) fn home_of(state: State) -> Option<Home> {
    match state {
        State::Live { home, .. } | State::Alias { home, .. } | State::Unknown { home } => Some(home),
        State::Gone { .. } => None,
    }
}
