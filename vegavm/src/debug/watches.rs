//! Bytes that are watched: they are compared after every instruction.

use super::variables;
use crate::observe::Snapshot;
use crate::trace::hex;
use alloc::collections::BTreeMap;
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

    /// The bytes, if they are there.
    fn now<'s>(&self, state: &'s Snapshot<'_>) -> Option<&'s [u8]> {
        state.memory().get(self.memory.clone()).filter(|_| self.is_there(state))
    }

    /// Whether they have changed since, or are gone.
    pub(super) fn changed(&mut self, number: u32, state: &Snapshot<'_>) -> Option<WatchHit> {
        let now = self.now(state);
        if now == Some(self.last.as_slice()) {
            return None;
        }
        let before = hex(&self.last);
        self.last = now.unwrap_or_default().to_vec();
        Some(WatchHit { number, words: self.words.clone(), before, after: now.map(hex) })
    }
}

/// What the way from one instruction to the next, which is gone back over, did to what is watched.
#[derive(Debug)]
pub(super) enum Crossed {
    /// Bytes were changed: seen from behind, what is there later comes before.
    Change(WatchHit),
    /// What the watch of this number is of began.
    Birth(u32),
}

/// Watches while a run is repeated piece by piece, the last piece first.
#[derive(Debug)]
pub(super) struct Backward {
    /// The bytes of each watch behind the last instruction; none where it is not there.
    seen: BTreeMap<u32, Option<Vec<u8>>>,
    /// Those that began in this piece: what is before is another's.
    born: Vec<u32>,
}

impl Backward {
    pub(super) fn new(watches: impl Iterator<Item = u32>) -> Backward {
        Backward { seen: watches.map(|number| (number, None)).collect(), born: Vec::new() }
    }

    /// Whether nothing is watched.
    pub(super) fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Looks at the state with which a piece begins.
    pub(super) fn begin(&mut self, watches: &BTreeMap<u32, Watch>, state: &Snapshot<'_>) {
        self.born.drain(..).for_each(|number| drop(self.seen.remove(&number)));
        for (number, seen) in &mut self.seen {
            *seen = watches.get(number).and_then(|watch| watch.now(state)).map(<[u8]>::to_vec);
        }
    }

    /// Looks at the state behind an instruction.
    pub(super) fn step(&mut self, watches: &BTreeMap<u32, Watch>, state: &Snapshot<'_>) -> Vec<Crossed> {
        let mut crossed = Vec::new();
        for (number, seen) in &mut self.seen {
            let Some(watch) = watches.get(number) else { continue };
            let now = watch.now(state);
            match (seen.as_deref(), now) {
                (before, now) if before == now => {}
                (Some(before), Some(now)) => {
                    let (words, later, earlier) = (watch.words.clone(), hex(now), hex(before));
                    *seen = Some(now.to_vec());
                    let hit = WatchHit { number: *number, words, before: later, after: Some(earlier) };
                    crossed.push(Crossed::Change(hit));
                }
                (_, now) => {
                    *seen = now.map(<[u8]>::to_vec);
                    self.born.push(*number);
                    crossed.push(Crossed::Birth(*number));
                }
            }
        }
        crossed
    }
}
