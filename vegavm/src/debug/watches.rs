//! Bytes that are watched: they are compared after every instruction.

use super::variables;
use crate::observe::Snapshot;
use crate::trace::hex;
use core::ops::Range;
use vega_format::text::counted;

/// Bytes of linear memory, for as long as the frame and the slot are there to which they belong.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    /// What it was set by, for people.
    pub(super) words: String,
    /// How many frames there are at least.
    depth: usize,
    slot: Option<u16>,
    memory: Range<usize>,
    last: Vec<u8>,
}

/// Bytes have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WatchHit {
    pub(super) number: u32,
    pub(super) words: String,
    pub(super) before: String,
    /// `None` when they are no longer there.
    pub(super) after: Option<String>,
}

impl Watch {
    /// Watches a variable, or a part of one, of the innermost frame.
    pub(super) fn path(state: &Snapshot<'_>, path: &str) -> Result<Watch, String> {
        let name = path.split(['.', '[']).next().unwrap_or_default();
        let slot = variables::find(state, &state.frame(), name)?.slot.map(|slot| slot.id);
        let variable = variables::find(state, &state.frame(), path)?;
        if variable.memory.is_empty() {
            return Err(format!("`{}` has no bytes in memory: nothing can change it", variable.name));
        }
        let watch = Watch::new(state, variable.name.clone(), slot, variable.memory.clone());
        // Static variables stay when the frame has gone.
        let is_static = variable.memory.end <= variables::end_of_statics(state);
        Ok(if is_static { Watch { depth: 0, ..watch } } else { watch })
    }

    /// Watches bytes of the innermost arena.
    pub(super) fn bytes(state: &Snapshot<'_>, range: Range<u32>) -> Result<Watch, String> {
        let arena = state.frame().arenas().next_back().ok_or("no arena is open here")?;
        let capacity = arena.bytes.len();
        if range.is_empty() || range.end as usize > capacity {
            return Err(format!("the arena has {}; wanted START..END within it", counted(capacity, "byte")));
        }
        let words = format!("{}..{}", range.start, range.end);
        let memory = arena.start + range.start as usize..arena.start + range.end as usize;
        Ok(Watch::new(state, words, None, memory))
    }

    fn new(state: &Snapshot<'_>, words: String, slot: Option<u16>, memory: Range<usize>) -> Watch {
        let mut watch = Watch { words, depth: state.depth(), slot, memory, last: Vec::new() };
        watch.look(state);
        watch
    }

    /// Whether what is watched is there.
    pub(super) fn is_there(&self, state: &Snapshot<'_>) -> bool {
        let Some(place) = state.depth().checked_sub(self.depth) else { return false };
        let is_live =
            |slot: u16| state.frames().nth(place).is_some_and(|frame| frame.slots().any(|found| found.id == slot));
        self.memory.end <= state.memory().len() && self.slot.is_none_or(is_live)
    }

    /// Remembers the bytes that are there now.
    pub(super) fn look(&mut self, state: &Snapshot<'_>) {
        self.last = state.memory().get(self.memory.clone()).unwrap_or_default().to_vec();
    }

    /// Whether they have changed since, or are gone.
    pub(super) fn changed(&mut self, number: u32, state: &Snapshot<'_>) -> Option<WatchHit> {
        let now = state.memory().get(self.memory.clone()).filter(|_| self.is_there(state));
        if now == Some(self.last.as_slice()) {
            return None;
        }
        let before = hex(&self.last);
        self.last = now.unwrap_or_default().to_vec();
        Some(WatchHit { number, words: self.words.clone(), before, after: now.map(hex) })
    }
}
