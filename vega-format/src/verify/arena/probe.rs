//! Looking at the open arenas on the way: in words at one instruction, for refusals, or as data at every one.

use super::memory::home_of;
use super::{Pass, State};
use crate::instruction::{Instruction, Slot};
use alloc::string::String;
use alloc::vec::Vec;

/// Where to look at the open arenas, and what was seen there.
#[derive(Debug, Default)]
pub(super) enum Probe {
    #[default]
    Nothing,
    /// Before the instruction at an offset, in words.
    Words(u32, Vec<String>),
    /// Before every instruction, until there are more facts than were left to tell; of the slots all, or only the one
    /// that the instruction names.
    Every { seen: Vec<Seen>, left: Option<usize>, named: bool },
}

impl Probe {
    /// Whether it is asked which slots are there.
    pub(super) fn wants_slots(&self) -> bool {
        matches!(self, Probe::Words(..) | Probe::Every { named: false, .. })
    }
}

/// What is open before an instruction. Where paths are found to disagree later on, a place is that of the first path.
#[derive(Debug)]
pub(in super::super) struct Seen {
    pub(in super::super) offset: u32,
    /// The sites of the open arenas, outermost first.
    pub(in super::super) sites: Vec<usize>,
    /// The slots that are there, by number: in which of the open arenas, and where, unless it is an alias.
    pub(in super::super) slots: Vec<(u16, u16, Option<u32>)>,
}

impl Pass<'_> {
    #[cold]
    pub(super) fn look(&mut self, offset: u32, instruction: &Instruction) {
        match &self.probe {
            Probe::Words(wanted, _) if *wanted == offset => {
                let words = self.open.iter().map(|open| self.describe_arena(open)).collect();
                self.probe = Probe::Words(offset, words);
            }
            Probe::Every { left: Some(left), named, .. } => {
                let before = *left;
                let now = if *named { self.see_named(offset, instruction) } else { self.see(offset) };
                if let Probe::Every { seen, left, .. } = &mut self.probe {
                    *left = before.checked_sub(now.sites.len() + now.slots.len() + 1);
                    seen.push(now);
                }
            }
            Probe::Nothing | Probe::Words(..) | Probe::Every { left: None, .. } => {}
        }
    }

    fn see_named(&self, offset: u32, instruction: &Instruction) -> Seen {
        let seen = instruction.slot().and_then(|slot| {
            let state = self.state(slot);
            let at = if let State::Live { at, .. } = state { Some(at) } else { None };
            Some((slot.0, home_of(state)?.level as u16, at))
        });
        Seen { offset, sites: self.open.iter().map(|open| open.site).collect(), slots: seen.into_iter().collect() }
    }

    fn see(&self, offset: u32) -> Seen {
        let mut slots = Vec::with_capacity(self.open.iter().map(|open| open.slots.len()).sum());
        for (level, open) in (0..).zip(&self.open) {
            slots.extend(open.slots.iter().map(|slot| match self.state(Slot(*slot)) {
                State::Live { at, .. } => (*slot, level, Some(at)),
                _ => (*slot, level, None),
            }));
        }
        slots.sort_unstable();
        Seen { offset, sites: self.open.iter().map(|open| open.site).collect(), slots }
    }
}
